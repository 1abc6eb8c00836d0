// What a viewer costs the server: whepsink and Debian's Janus, fed with the same RTP over UDP
// (H.264 of 2 Mbit/s, as a camera sends it) and watched by the same number of webrtcbins each, in
// the same seconds: what a processor does in a second depends on what else the machine does. CPU
// and threads of a viewer are the difference to the server that nobody watches; memory too.
// Arguments: viewers of each, rounds, seconds of one.
#include "bench/janusclient.hpp"
#include "bench/measure.hpp"
#include "support/serverprogram.hpp"
#include "support/whepclient.hpp"

#include <glib/gstdio.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using support::ServerProgram;
using support::WhepClient;

namespace {

constexpr int ourPort = 47310, theirPort = 47312, janusPort = 47314;

ServerProgram feeder() {
    const std::string clients =
        "clients=127.0.0.1:" + std::to_string(ourPort) + ",127.0.0.1:" + std::to_string(theirPort);
    return ServerProgram({"gst-launch-1.0",
                          "-q",
                          "videotestsrc",
                          "is-live=true",
                          "pattern=snow",
                          "!",
                          "video/x-raw,format=I420,width=320,height=240,framerate=25/1",
                          "!",
                          "x264enc",
                          "tune=zerolatency",
                          "speed-preset=ultrafast",
                          "bitrate=2000",
                          "key-int-max=25",
                          "!",
                          "video/x-h264,profile=constrained-baseline",
                          "!",
                          "rtph264pay",
                          "config-interval=-1",
                          "pt=96",
                          "mtu=1200",
                          "!",
                          "multiudpsink",
                          clients});
}

/// Either server, and who watches it.
class Side {
public:
    explicit Side(const char* of) : name(of) {}
    virtual ~Side() = default;
    virtual void join() = 0;
    virtual void leaveAll() = 0;
    /// Frames that all viewers together have had.
    virtual int frames() const = 0;
    virtual ServerProgram::Load load() const = 0;

    const char* const name;
    std::vector<double> cpu, megabytes, threads; ///< a viewer's, of each round
};

template <class Client>
class SideOf : public Side {
public:
    using Side::Side;
    int frames() const override {
        int sum = 0;
        for (const auto& viewer : all_)
            sum += viewer->frames();
        return sum;
    }
    void leaveAll() override { all_.clear(); }

protected:
    std::vector<std::unique_ptr<Client>> all_;
};

class Ours : public SideOf<WhepClient> {
public:
    Ours()
        : SideOf("whepsink"),
          program_({"gst-launch-1.0", "-m", "udpsrc", "address=127.0.0.1",
                    "port=" + std::to_string(ourPort),
                    "caps=application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,"
                    "payload=96,packetization-mode=(string)1,profile-level-id=(string)42c015",
                    "!", "whepsink", "port=0", "max-viewers=200"}),
          page_(program_.page()) {}
    void join() override {
        WhepClient::Options options;
        options.encoding = "H264";
        options.decode = false;
        auto viewer = std::make_unique<WhepClient>(page_ + "whep", options);
        if (const int status = viewer->join(); status != 201)
            throw std::runtime_error("whepsink answers " + std::to_string(status) + ": " +
                                     viewer->response().body);
        all_.push_back(std::move(viewer));
    }
    void leaveAll() override {
        for (auto& viewer : all_)
            viewer->leave();
        SideOf::leaveAll();
    }
    ServerProgram::Load load() const override { return program_.load(); }

private:
    ServerProgram program_;
    std::string page_;
};

/// Its settings: one stream, HTTP on this machine, nothing else started.
class JanusFolder {
public:
    JanusFolder() : path_(g_dir_make_tmp("janus-XXXXXX", nullptr)) {
        write("janus.jcfg", R"(general: { debug_level = 4
 protected_folders = [] }
media: { }
nat: { ice_tcp = false }
plugins: { disable = "libjanus_audiobridge.so,libjanus_echotest.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_videoroom.so,libjanus_voicemail.so,libjanus_duktape.so,libjanus_lua.so" }
transports: { disable = "libjanus_websockets.so,libjanus_pfunix.so,libjanus_mqtt.so,libjanus_rabbitmq.so,libjanus_nanomsg.so" }
)");
        write("janus.transport.http.jcfg",
              "general: { json = \"compact\"\n base_path = \"/janus\"\n"
              " http = true\n ip = \"127.0.0.1\"\n port = " +
                  std::to_string(janusPort) +
                  "\n https = false }\n"
                  "admin: { admin_http = false }\n");
        write("janus.plugin.streaming.jcfg",
              "camera: { type = \"rtp\"\n id = 1\n audio = false\n video = true\n videoport = " +
                  std::to_string(theirPort) +
                  "\n videopt = 96\n videocodec = \"h264\"\n videobufferkf = true\n"
                  " videofmtp = \"profile-level-id=42e01f;packetization-mode=1\" }\n");
    }
    ~JanusFolder() {
        for (const std::string& file : files_)
            g_unlink(file.c_str());
        g_rmdir(path_.c_str());
    }
    JanusFolder(const JanusFolder&) = delete;
    JanusFolder& operator=(const JanusFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    void write(const char* name, const std::string& text) {
        files_.push_back(path_ + "/" + name);
        std::ofstream(files_.back()) << text;
    }
    std::string path_;
    std::vector<std::string> files_;
};

class Janus : public SideOf<bench::JanusClient> {
public:
    Janus()
        : SideOf("Janus"), program_({"janus", "--config=" + folder_.path() + "/janus.jcfg",
                                     "--configs-folder=" + folder_.path(), "--disable-colors"}) {
        program_.awaits(
            std::regex("(HTTP webserver started|Janus API .*started|HTTP transport plugin)"));
        std::this_thread::sleep_for(1s);
    }
    void join() override {
        auto viewer = std::make_unique<bench::JanusClient>(
            "http://127.0.0.1:" + std::to_string(janusPort) + "/janus", 1);
        viewer->join();
        all_.push_back(std::move(viewer));
    }
    ServerProgram::Load load() const override { return program_.load(); }

private:
    JanusFolder folder_;
    ServerProgram program_;
};

using Sides = std::array<Side*, 2>;

/// CPU seconds per second of each.
std::array<double, 2> cpuOver(const Sides& sides, std::chrono::seconds time) {
    std::array<double, 2> used{};
    const auto start = bench::Clock::now();
    for (std::size_t i = 0; i < sides.size(); i++)
        used[i] = sides[i]->load().cpuSeconds;
    std::this_thread::sleep_for(time);
    const double passed = bench::seconds(start);
    for (std::size_t i = 0; i < sides.size(); i++)
        used[i] = (sides[i]->load().cpuSeconds - used[i]) / passed;
    return used;
}

void waitForFrames(const Side& side, int more) {
    const int wanted = side.frames() + more;
    for (int i = 0; i < 600 && side.frames() < wanted; i++)
        std::this_thread::sleep_for(100ms);
    if (side.frames() < wanted)
        throw std::runtime_error(std::string("Nothing comes from ") + side.name);
}

struct Plan {
    int viewers = 16, rounds = 5;
    std::chrono::seconds watched{8};
};

void joinAll(const Sides& sides, const Plan& plan, int frames) {
    for (int i = 0; i < plan.viewers; i++)
        for (Side* side : sides)
            side->join();
    for (Side* side : sides)
        waitForFrames(*side, plan.viewers * frames);
}

void leaveAll(const Sides& sides) {
    for (Side* side : sides)
        side->leaveAll();
    std::this_thread::sleep_for(3s);
}

/// One round: alone, then watched.
void measure(const Sides& sides, const Plan& plan) {
    const auto idle = cpuOver(sides, plan.watched);
    const std::array before{sides[0]->load(), sides[1]->load()};
    joinAll(sides, plan, 25);
    const std::array first{sides[0]->frames(), sides[1]->frames()};
    const auto busy = cpuOver(sides, plan.watched);
    for (std::size_t i = 0; i < sides.size(); i++) {
        Side& side = *sides[i];
        const double seconds = static_cast<double>(plan.watched.count());
        const double fps = (side.frames() - first[i]) / seconds / plan.viewers;
        const ServerProgram::Load after = side.load();
        side.cpu.push_back((busy[i] - idle[i]) / plan.viewers);
        side.megabytes.push_back((after.megabytes - before[i].megabytes) / plan.viewers);
        side.threads.push_back(static_cast<double>(after.threads - before[i].threads) /
                               plan.viewers);
        std::printf("%-9s alone %.3f CPU s/s, with %d viewers %.3f (%.1f frames a second each)\n",
                    side.name, idle[i], plan.viewers, busy[i], fps);
    }
    std::fflush(stdout);
    leaveAll(sides);
}

void show(const char* what, const char* unit, double factor, const std::vector<double>& ours,
          const std::vector<double>& theirs) {
    const double a = factor * bench::median(ours), b = factor * bench::median(theirs);
    std::printf("%-22s whepsink %7.3f %s, Janus %7.3f %s, ratio %.2f\n", what, a, unit, b, unit,
                a / b);
}

void run(const Plan& plan) {
    const ServerProgram feed = feeder();
    Ours ours;
    Janus theirs;
    const Sides sides{&ours, &theirs};
    joinAll(sides, plan, 1); // libraries and tables that the first viewers make
    leaveAll(sides);
    for (int round = 0; round < plan.rounds; round++)
        measure(sides, plan);
    std::puts("A viewer's, median of the rounds:");
    show("CPU", "% of a core", 100, ours.cpu, theirs.cpu);
    show("memory", "MB", 1, ours.megabytes, theirs.megabytes);
    show("threads", "", 1, ours.threads, theirs.threads);
    std::printf("viewers per core       whepsink %.0f, Janus %.0f\n", 1 / bench::median(ours.cpu),
                1 / bench::median(theirs.cpu));
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    const glue::Ref<char> there(g_find_program_in_path("janus"));
    if (!there) {
        std::puts("SKIP: no Janus here: apt-get install janus");
        return 77;
    }
    Plan plan;
    if (argc > 3)
        plan = {std::atoi(argv[1]), std::atoi(argv[2]), std::chrono::seconds(std::atoi(argv[3]))};
    try {
        run(plan);
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
