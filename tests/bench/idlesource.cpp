// What it costs to have a camera playing into nothing: onvifsrc, and rtspsrc with the stream's
// address known, each in a process of its own, with one camera's stream and with eleven, so that
// the difference is that of ten and libraries count for nothing. And how long it takes onvifsrc to
// bring a picture when a camera that had lost its power answers again.
#include "elements/cameraprogram.hpp"
#include "glue/ref.hpp"

#include <gio/gio.h>
#include <gst/gst.h>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using Clock = std::chrono::steady_clock;

static constexpr int many = 11, rounds = 9;
static constexpr double watched = 10; ///< seconds

/// Plays `count` of `source` and counts packets.
class Watch {
public:
    Watch(const std::string& source, int count) {
        std::string line;
        for (int i = 0; i < count; i++)
            line += source + " ! fakesink sync=false signal-handoffs=true name=out" +
                    std::to_string(i) + " ";
        pipeline_.reset(gst_parse_launch(line.c_str(), nullptr));
        for (int i = 0; i < count; i++) {
            const glue::Ref<GstElement> sink(
                gst_bin_get_by_name(GST_BIN(pipeline_.get()), ("out" + std::to_string(i)).c_str()));
            g_signal_connect(sink.get(), "handoff", G_CALLBACK(count_), &packets);
        }
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    ~Watch() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    bool sees(unsigned more, double limit = 30) const {
        const unsigned before = packets;
        const auto start = Clock::now();
        while (packets < before + more) {
            if (Clock::now() - start > std::chrono::duration<double>(limit))
                return false;
            g_usleep(500);
        }
        return true;
    }
    std::atomic<unsigned> packets{0};

private:
    static void count_(GstElement*, GstBuffer*, GstPad*, std::atomic<unsigned>* packets) {
        ++*packets;
    }
    glue::Ref<GstElement> pipeline_;
};

static double cpuSeconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

static double residentKiB() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmRSS:", 0) == 0)
            return std::atof(line.c_str() + 6);
    return 0;
}

/// In a process of its own: prints memory in KiB and CPU in parts of a core.
static int measure(const char* source, int count) {
    const Watch watch(source, count);
    if (!watch.sees(static_cast<unsigned>(count) * 20))
        return EXIT_FAILURE;
    const double before = cpuSeconds();
    g_usleep(static_cast<gulong>(watched * 1e6));
    std::printf("%f %f\n", residentKiB(), (cpuSeconds() - before) / watched);
    return EXIT_SUCCESS;
}

struct Cost {
    double memory = 0, cpu = 0;
};

static Cost costOf(const char* self, const std::string& source, int count) {
    char* out = nullptr;
    GSubprocess* process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, nullptr, self, "measure", source.c_str(),
                         std::to_string(count).c_str(), nullptr);
    g_subprocess_communicate_utf8(process, nullptr, nullptr, &out, nullptr, nullptr);
    const glue::Ref<char> text(out);
    g_object_unref(process);
    Cost cost;
    std::istringstream(out ? out : "") >> cost.memory >> cost.cpu;
    return cost;
}

static void compareCosts(const char* self, const CameraProgram& camera) {
    const struct {
        const char* name;
        std::string source;
    } kinds[] = {{"rtspsrc", "rtspsrc protocols=tcp latency=200 location=" + camera.rtsp},
                 {"onvifsrc", "onvifsrc protocols=tcp latency=200 location=" + camera.url}};
    for (const auto& kind : kinds) {
        const Cost one = costOf(self, kind.source, 1), all = costOf(self, kind.source, many);
        std::printf(
            "%-9s %8.0f KiB and %5.2f %% of a core for each, %8.0f KiB with all libraries\n",
            kind.name, (all.memory - one.memory) / (many - 1),
            100 * (all.cpu - one.cpu) / (many - 1), one.memory);
    }
}

/// From the moment that a camera that was gone for a while answers again, in ms.
static std::vector<double> comebacks(CameraProgram& camera) {
    std::vector<double> times;
    const Watch watch("onvifsrc timeout=5000 location=" + camera.url, 1);
    for (int i = 0; i < rounds && watch.sees(20); i++) {
        camera.end();
        g_usleep(static_cast<gulong>(1000 + 700 * i) * 1000);
        camera.startAgain();
        const auto start = Clock::now();
        if (!watch.sees(1))
            break;
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times;
}

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    if (argc == 4)
        return measure(argv[2], std::atoi(argv[3]));
    CameraProgram camera(
        {"--width", "640", "--height", "360", "--fps", "15", "--audio", "none", "--no-discovery"});
    compareCosts(argv[0], camera);
    const auto times = comebacks(camera);
    if (times.empty())
        return EXIT_FAILURE;
    std::printf("back after median %.0f ms, best %.0f, worst %.0f (%zu of %d rounds)\n",
                times[times.size() / 2], times.front(), times.back(), times.size(), rounds);
    return EXIT_SUCCESS;
}
