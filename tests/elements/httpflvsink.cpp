// HTTP-FLV as ffprobe and plain sockets get it: who comes late, is slow, leaves or may not come.
#include "support/plainclient.hpp"
#include "support/whepstage.hpp"

#include "web/flv.hpp"

#include <algorithm>
#include <vector>

using namespace support;

namespace {

const std::string flv = "x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 "
                        "key-int-max=25 ! h264parse ! mux.video flvmux name=mux streamable=true "
                        "latency=300000000 ! httpflvsink name=w port=0 ";
const std::string sound =
    " audiotestsrc is-live=true ! audio/x-raw,rate=48000 ! avenc_aac ! aacparse ! mux.audio";

unsigned portOf(const Stage& stage) {
    guint port = 0;
    g_object_get(stage.sink(), "port", &port, nullptr);
    return port;
}

/// Reads the stream, or lets it wait.
class Watcher {
public:
    explicit Watcher(const Stage& stage, int receiveBuffer = 0)
        : client_(portOf(stage), "/flv", "1.0", receiveBuffer) {}

    void read() {
        const std::string taken = client_.take();
        if (!begun_) { // HTTP 1.0: no chunks, so all after the head is the stream
            head_ += taken;
            const auto end = head_.find("\r\n\r\n");
            if (end == std::string::npos)
                return;
            begun_ = true;
            return add(head_.substr(end + 4));
        }
        add(taken);
    }
    /// Pictures from now on.
    bool sees(std::size_t count) {
        const std::size_t wanted = pictures + count;
        return Stage::wait(120s, [&] {
            for (int i = 0; i < 100 && pictures < wanted; i++)
                read();
            return pictures >= wanted;
        });
    }
    bool ends() {
        return Stage::wait(120s, [&] {
            read();
            return client_.ended();
        });
    }

    std::size_t pictures = 0, sounds = 0;
    std::uint32_t first = 0, last = 0; ///< timestamps of pictures
    std::uint32_t gap = 0;             ///< the largest
    bool beganWithKey = false;

private:
    void add(const std::string& bytes) {
        const auto found =
            reader_.take(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
        for (const web::FlvTag& tag : found.tags) {
            sounds += tag.kind == web::FlvTag::Kind::Audio && !tag.config;
            if (tag.kind != web::FlvTag::Kind::Video || tag.config)
                continue;
            if (pictures++ == 0) {
                first = last = tag.timestamp;
                beganWithKey = tag.key;
            }
            fail_unless(tag.timestamp >= last, "%u after %u", tag.timestamp, last);
            gap = std::max(gap, tag.timestamp - last);
            last = tag.timestamp;
        }
    }

    PlainClient client_;
    web::FlvReader reader_;
    std::string head_;
    bool begun_ = false;
};

net::HttpResponse get(const Stage& stage, const std::string& path, net::HttpHeaders headers = {},
                      const char* method = "GET") {
    return WhepClient::ask(method, "http://127.0.0.1:" + std::to_string(portOf(stage)) + path,
                           std::move(headers));
}

bool isLive(const Stage& stage) {
    return Stage::wait(120s, [&] {
        return get(stage, "/streams").body.find("\"live\":true") != std::string::npos;
    });
}

std::string ffprobe(const std::string& url, const std::string& options = "") {
    const std::string command = "timeout 180 ffprobe -v error " + options +
                                " -show_entries stream=codec_name,start_time -of csv '" + url +
                                "' 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    fail_unless(pipe != nullptr);
    std::string text;
    char line[1024];
    while (fgets(line, sizeof line, pipe))
        text += line;
    fail_unless(pclose(pipe) == 0, "%s", text.c_str());
    return text;
}

} // namespace

GST_START_TEST(whoComesLateSeesAtOnce) {
    Stage stage(picture + flv + "path=yard" + sound);
    stage.play();
    fail_unless(isLive(stage), "%s", stage.error().c_str());
    fail_unless(stage.page().find("/yard/flv") != std::string::npos);
    fail_unless(Stage::wait(120s, [&] { return stage.stat("frames") > 200; }));
    for (int i = 0; i < 2; i++) {
        const std::string text = ffprobe(stage.page());
        fail_unless(text.find("h264,0.2") != std::string::npos, "%s", text.c_str());
        fail_unless(text.find("aac,0.") != std::string::npos, "%s", text.c_str());
    }
    fail_unless(
        get(stage, "/metrics").body.find("video_stream_flv_clients_total{stream=\"yard\"}") !=
        std::string::npos);
}
GST_END_TEST

GST_START_TEST(theSlowAreMovedOn) {
    Stage stage("videotestsrc is-live=true pattern=snow ! "
                "video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! x264enc "
                "tune=zerolatency speed-preset=ultrafast bitrate=4000 key-int-max=25 ! h264parse ! "
                "flvmux streamable=true ! httpflvsink name=w port=0 max-lag=1000");
    stage.play();
    fail_unless(isLive(stage), "%s", stage.error().c_str());
    Watcher quick(stage), slow(stage, 32768);
    fail_unless(quick.sees(5) && slow.sees(1));
    int turn = 0;
    fail_unless(Stage::wait(120s, [&] {
        for (int i = 0; i < 10; i++)
            quick.read();
        if (turn++ % 10 == 0) // too little, and too much to be cut off
            slow.read();
        return stage.stat("moved") >= 2;
    }));
    fail_unless(stage.stat("drops") > 0);
    fail_unless_equals_int(stage.stat("clients"), 2);
    fail_unless(quick.sees(50) && slow.sees(50));
    fail_unless(quick.beganWithKey && slow.beganWithKey);
    fail_unless(slow.gap < 1000, "a gap of %u ms", slow.gap);
    fail_unless(stage.stat("held") < (4 << 20));
}
GST_END_TEST

GST_START_TEST(fiftyComeAndGo) {
    Stage stage(picture + flv);
    stage.play();
    fail_unless(isLive(stage), "%s", stage.error().c_str());
    const auto visit = [&](bool stays) {
        Watcher watcher(stage);
        if (stays)
            fail_unless(watcher.sees(1));
    };
    const auto quiet = [&] {
        fail_unless(Stage::wait(120s, [&] { return stage.stat("clients") == 0; }));
    };
    for (int i = 0; i < 5; i++)
        visit(true);
    quiet();
    const auto fds = descriptors();
    for (int i = 0; i < 50; i++)
        visit(i % 8 == 0);
    quiet();
    fail_unless(Stage::wait(120s, [&] { return descriptors() <= fds; }));
}
GST_END_TEST

GST_START_TEST(whoMayCome) {
    Stage stage(picture + flv + "max-clients=1 auth=token:moonlight-over-the-bay");
    stage.play();
    const net::HttpHeaders token = {{"Authorization", "Bearer moonlight-over-the-bay"}};
    fail_unless_equals_int(get(stage, "/flv").status, 401);
    fail_unless_equals_int(get(stage, "/flv", token, "HEAD").status, 200);
    fail_unless_equals_int(get(stage, "/flv", token, "POST").status, 405);
    fail_unless_equals_int(get(stage, "/flv/else", token, "GET").status, 404);
    const net::HttpHeaders foreign = {{"Origin", "https://evil.example"}, token[0]};
    fail_unless_equals_int(get(stage, "/flv", foreign).status, 403);
    const std::string text =
        ffprobe(stage.page(), "-headers 'Authorization: Bearer moonlight-over-the-bay\r\n'");
    fail_unless(text.find("h264") != std::string::npos, "%s", text.c_str());

    Stage small(picture + flv + "max-clients=1");
    small.play();
    Watcher first(small);
    fail_unless(first.sees(1));
    fail_unless_equals_int(get(small, "/flv").status, 503);
}
GST_END_TEST

GST_START_TEST(theEndIsTold) {
    Stage stage("videotestsrc num-buffers=75 ! video/x-raw,width=320,height=180,framerate=25/1 ! " +
                flv);
    stage.set(GST_STATE_READY);
    Watcher watcher(stage);
    stage.play();
    // At the stream's own speed: 3 s of it.
    fail_unless(watcher.ends());
    fail_unless(watcher.pictures >= 25, "%zu pictures", watcher.pictures);
    fail_unless(stage.message(GST_MESSAGE_EOS, 120s) != nullptr, "%s", stage.error().c_str());
    fail_unless_equals_int(get(stage, "/flv").status, 503);
}
GST_END_TEST

GST_START_TEST(clientsStayWhenItBeginsAnew) {
    Stage stage(picture + flv + sound);
    stage.play();
    fail_unless(isLive(stage), "%s", stage.error().c_str());
    Watcher watcher(stage);
    fail_unless(watcher.sees(25));
    stage.set(GST_STATE_READY);
    stage.play();
    fail_unless(watcher.sees(50), "%s", stage.error().c_str());
    fail_unless(watcher.sounds > 0);
    fail_unless(watcher.gap < 1000, "a gap of %u ms", watcher.gap);
}
GST_END_TEST

GST_START_TEST(whatIsNoFlv) {
    Stage stage("fakesrc num-buffers=20 sizetype=fixed sizemax=1000 filltype=zero ! "
                "video/x-flv ! httpflvsink name=w port=0 sync=false");
    stage.play();
    const std::string error = stage.error(120s);
    fail_unless(error.find("no FLV stream: put flvmux") != std::string::npos, "%s", error.c_str());
    // What FLV cannot hold does not get that far.
    GError* refused = nullptr;
    const Ref<GstElement> none(
        gst_parse_launch_full("videotestsrc ! vp9enc ! flvmux streamable=true ! httpflvsink port=0",
                              nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &refused));
    fail_unless(!none && refused);
    g_error_free(refused);
}
GST_END_TEST

static Suite* httpflvsink_suite() {
    Suite* suite = suite_create("httpflvsink");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, whoComesLateSeesAtOnce);
    tcase_add_test(tests, theSlowAreMovedOn);
    tcase_add_test(tests, fiftyComeAndGo);
    tcase_add_test(tests, whoMayCome);
    tcase_add_test(tests, theEndIsTold);
    tcase_add_test(tests, clientsStayWhenItBeginsAnew);
    tcase_add_test(tests, whatIsNoFlv);
    return suite;
}

GST_CHECK_MAIN(httpflvsink);
