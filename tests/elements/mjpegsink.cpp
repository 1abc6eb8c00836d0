// The moving picture and the snapshot as plain sockets and OpenCV get them, and what clients that
// are slow, many or short-lived do to each other.
#include "support/freeport.hpp"
#include "support/plainclient.hpp"
#include "support/whepstage.hpp"

#include <algorithm>
#include <vector>

#ifdef HAVE_OPENCV_VIDEOIO
#include <opencv2/videoio.hpp>
#endif

using namespace support;

namespace {

const std::string jpegs =
    "videotestsrc is-live=true pattern=snow ! video/x-raw,width=320,height=240,framerate=25/1 ! "
    "jpegenc ! ";

unsigned portOf(const Stage& stage) {
    guint port = 0;
    g_object_get(stage.sink(), "port", &port, nullptr);
    return port;
}

/// A client that asks for the moving picture, and reads only when it is told to.
class Watcher {
public:
    explicit Watcher(unsigned port, const std::string& path = "/mjpeg",
                     const std::string& version = "1.1")
        : client_(port, path, version) {}

    /// Takes what is there.
    void read() {
        const std::string taken = client_.take();
        if (taken.empty())
            return;
        text_ += taken;
        static const std::string mark = "Content-Type: image/jpeg\r\n";
        for (auto at = text_.find(mark, counted_); at != std::string::npos;
             at = text_.find(mark, counted_)) {
            pictures_++;
            counted_ = at + mark.size();
        }
        if (text_.size() > 4 << 20) { // what was counted is not needed any more
            text_.erase(0, std::max(counted_, text_.size() - mark.size()));
            counted_ = 0;
        }
    }
    bool sees(int pictures) {
        const int wanted = pictures_ + pictures;
        return Stage::wait(120s, [&] {
            for (int i = 0; i < 100 && pictures_ < wanted; i++)
                read();
            return pictures_ >= wanted;
        });
    }
    int pictures() const { return pictures_; }
    const std::string& text() const { return text_; }

private:
    PlainClient client_;
    std::string text_;
    std::size_t counted_ = 0;
    int pictures_ = 0;
};

/// The body without its chunks' sizes.
std::string unchunked(const std::string& text) {
    std::string body;
    for (std::size_t at = text.find("\r\n\r\n") + 4; at < text.size();) {
        const std::size_t size = std::stoul(text.substr(at), nullptr, 16);
        const std::size_t data = text.find("\r\n", at) + 2;
        if (size == 0 || data + size > text.size())
            break;
        body += text.substr(data, size);
        at = data + size + 2;
    }
    return body;
}

net::HttpResponse get(const Stage& stage, const std::string& path, net::HttpHeaders headers = {}) {
    return WhepClient::ask("GET", "http://127.0.0.1:" + std::to_string(portOf(stage)) + path,
                           std::move(headers));
}

bool isPicture(const std::string& bytes) {
    return bytes.size() > 100 && bytes.compare(0, 3, "\xff\xd8\xff") == 0 &&
           bytes.compare(bytes.size() - 2, 2, "\xff\xd9") == 0;
}

} // namespace

GST_START_TEST(partsAreWhatTheySay) {
    Stage stage(jpegs + "mjpegsink name=w port=0 path=yard");
    stage.play();
    Watcher watcher(portOf(stage), "/yard/mjpeg");
    fail_unless(watcher.sees(5), "%s", watcher.text().c_str());
    const std::string& head = watcher.text();
    const std::string named = "multipart/x-mixed-replace; boundary=";
    const auto type = head.find(named);
    fail_unless(head.rfind("HTTP/1.1 200", 0) == 0 && type != std::string::npos);
    fail_unless(head.find("Cache-Control: no-store\r\n") != std::string::npos);
    const auto from = type + named.size();
    const std::string edge = "--" + head.substr(from, head.find("\r\n", from) - from) + "\r\n";
    const std::string body = unchunked(head);
    std::size_t at = 0;
    for (int i = 0; i < 3; i++) {
        fail_unless(body.compare(at, edge.size(), edge) == 0, "no boundary before part %d", i);
        const auto length = body.find("Content-Length: ", at);
        const auto data = body.find("\r\n\r\n", at) + 4;
        const std::size_t size = std::stoul(body.substr(length + 16));
        fail_unless(isPicture(body.substr(data, size)), "part %d is no JPEG", i);
        fail_unless(body.compare(data + size, 2, "\r\n") == 0);
        at = data + size + 2;
    }
    fail_unless(stage.page().find("/yard/mjpeg") != std::string::npos);
    // Old programs get it without chunks.
    Watcher old(portOf(stage), "/yard/mjpeg", "1.0");
    fail_unless(old.sees(3));
    const auto body10 = old.text().find("\r\n\r\n") + 4;
    fail_unless(old.text().compare(body10, edge.size(), edge) == 0, "%s",
                old.text().substr(0, 400).c_str());
}
GST_END_TEST

GST_START_TEST(snapshotIsTheNewest) {
    Stage stage(jpegs + "mjpegsink name=w port=0");
    fail_unless_equals_int(stage.set(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    const auto early = get(stage, "/snapshot.jpg");
    fail_unless_equals_int(early.status, 503);
    fail_unless(!early.header("Retry-After").empty());
    fail_unless(early.header("Content-Type") == "application/problem+json");
    // Who asks before the first picture gets it when it comes.
    net::HttpResponse awaited;
    std::thread asking([&] { awaited = get(stage, "/snapshot.jpg"); });
    std::this_thread::sleep_for(300ms);
    stage.play();
    asking.join();
    if (awaited.status != 503) { // a machine that took longer to start than it waits
        fail_unless_equals_int(awaited.status, 200);
        fail_unless(isPicture(awaited.body));
    }
    fail_unless(Stage::wait(120s, [&] { return stage.stat("frames") > 0; }));
    const auto one = get(stage, "/snapshot.jpg");
    fail_unless_equals_int(one.status, 200);
    fail_unless(one.header("Content-Type") == "image/jpeg");
    fail_unless(one.header("Cache-Control") == "no-store");
    fail_unless(isPicture(one.body));
    const guint64 before = stage.stat("frames");
    fail_unless(Stage::wait(120s, [&] { return stage.stat("frames") > before + 1; }));
    fail_unless(get(stage, "/snapshot.jpg").body != one.body, "the snapshot stands still");
    // What is over is not shown.
    stage.set(GST_STATE_READY);
    fail_unless_equals_int(get(stage, "/snapshot.jpg").status, 503);
}
GST_END_TEST

GST_START_TEST(eightyReadAndTwentyDoNot) {
    Stage stage(jpegs + "mjpegsink name=w port=0 max-clients=100");
    stage.play();
    std::vector<Watcher> readers, sleepers;
    for (int i = 0; i < 100; i++)
        (i % 5 == 4 ? sleepers : readers).emplace_back(portOf(stage));
    fail_unless(Stage::wait(120s, [&] { return stage.stat("clients") == 100; }));
    fail_unless_equals_int(get(stage, "/mjpeg").status, 503);
    const guint64 before = stage.stat("frames");
    fail_unless(Stage::wait(120s, [&] {
        for (Watcher& reader : readers)
            for (int i = 0; i < 10; i++)
                reader.read();
        return stage.stat("drops") > 0 &&
               std::all_of(readers.begin(), readers.end(),
                           [](const Watcher& r) { return r.pictures() >= 40; });
    }));
    fail_unless(stage.stat("frames") >= before + 30);
    for (const Watcher& sleeper : sleepers)
        fail_unless_equals_int(sleeper.pictures(), 0);
    // What waits for them is cut off in the end; the others stay.
    fail_unless(Stage::wait(120s, [&] {
        for (Watcher& reader : readers)
            for (int i = 0; i < 10; i++)
                reader.read();
        return stage.stat("clients") == 80;
    }));
}
GST_END_TEST

GST_START_TEST(twoHundredComeAndGo) {
    Stage stage(jpegs + "mjpegsink name=w port=0");
    stage.play();
    const auto visit = [&](bool stays) {
        Watcher watcher(portOf(stage));
        if (stays)
            fail_unless(watcher.sees(1));
    };
    const auto quiet = [&] {
        fail_unless(Stage::wait(120s, [&] { return stage.stat("clients") == 0; }));
    };
    for (int i = 0; i < 5; i++)
        visit(true);
    quiet();
    const auto fds = descriptors(), running = threads();
    for (int i = 0; i < 200; i++)
        visit(i % 8 == 0);
    fail_unless(Stage::wait(120s, [&] { return stage.stat("served") >= 30; }));
    fail_unless(Stage::wait(120s,
                            [&] {
                                return stage.stat("clients") == 0 && descriptors() <= fds &&
                                       threads() <= running;
                            }),
                "%zu descriptors of %zu, %zu threads of %zu", descriptors(), fds, threads(),
                running);
    Watcher last(portOf(stage));
    fail_unless(last.sees(3));
}
GST_END_TEST

GST_START_TEST(besideAWhepsink) {
    const unsigned port = freePort();
    const std::string at = " port=" + std::to_string(port) + " path=yard ";
    Stage stage("videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,"
                "framerate=25/1 ! tee name=t ! queue ! " +
                vp8 + "whepsink " + at + " t. ! queue ! jpegenc ! mjpegsink name=w" + at);
    stage.play();
    fail_unless(Stage::wait(120s, [&] { return get(stage, "/yard/snapshot.jpg").status == 200; }),
                "%s", stage.error().c_str());
    fail_unless(get(stage, "/yard/").body.find("<video") != std::string::npos);
    fail_unless(Stage::wait(120s, [&] {
        return WhepClient("http://127.0.0.1:" + std::to_string(port) + "/yard/whep", video("VP8"))
                   .join() == 201;
    }));
    const std::string streams = get(stage, "/streams").body;
    fail_unless(streams.find("\"kind\":\"mjpeg\"") != std::string::npos &&
                    streams.find("\"kind\":\"whep\"") != std::string::npos,
                "%s", streams.c_str());
    const std::string metrics = get(stage, "/metrics").body;
    fail_unless(metrics.find("video_stream_mjpeg_snapshots_total{stream=\"yard\"} ") !=
                    std::string::npos,
                "%s", metrics.c_str());
    Watcher watcher(port, "/yard/mjpeg");
    fail_unless(watcher.sees(3));
}
GST_END_TEST

GST_START_TEST(whoMayAsk) {
    Stage stage(jpegs + "mjpegsink name=w port=0 allow-origin=https://home.example");
    stage.play();
    fail_unless(Stage::wait(120s, [&] { return stage.stat("frames") > 0; }));
    const auto from = [&](const char* origin) {
        return get(stage, "/snapshot.jpg", {{"Origin", origin}});
    };
    fail_unless_equals_int(from("https://evil.example").status, 403);
    const auto let = from("https://home.example");
    fail_unless_equals_int(let.status, 200);
    fail_unless(let.header("Access-Control-Allow-Origin") == "https://home.example");
    fail_unless_equals_int(get(stage, "/mjpeg/else").status, 404);
    // Nothing at the root but a way: no endless redirect.
    const auto root = get(stage, "/");
    fail_unless_equals_int(root.status, 404);
    fail_unless(root.body.find("/mjpeg") != std::string::npos);
    const std::string base = "http://127.0.0.1:" + std::to_string(portOf(stage));
    fail_unless_equals_int(WhepClient::ask("POST", base + "/mjpeg").status, 405);
    fail_unless_equals_int(WhepClient::ask("HEAD", base + "/mjpeg").status, 200);
    // Without allow-origin no page of another site shows it in an <img>, which sends no Origin.
    Stage closed(jpegs + "mjpegsink name=w port=0");
    closed.play();
    fail_unless(Stage::wait(120s, [&] { return closed.stat("frames") > 0; }));
    fail_unless(get(closed, "/snapshot.jpg").header("Cross-Origin-Resource-Policy") ==
                "same-origin");
}
GST_END_TEST

GST_START_TEST(whoHasTheToken) {
    Stage stage(jpegs + "mjpegsink name=w port=0 auth=token:moonlight-over-the-bay");
    stage.play();
    fail_unless(Stage::wait(120s, [&] { return stage.stat("frames") > 0; }));
    fail_unless_equals_int(get(stage, "/snapshot.jpg").status, 401);
    fail_unless_equals_int(get(stage, "/mjpeg").status, 401);
    const net::HttpHeaders token = {{"Authorization", "Bearer moonlight-over-the-bay"}};
    fail_unless_equals_int(get(stage, "/snapshot.jpg", token).status, 200);
}
GST_END_TEST

GST_START_TEST(whatIsNoPicture) {
    Stage stage("fakesrc num-buffers=20 sizetype=fixed sizemax=1000 filltype=random ! "
                "image/jpeg ! mjpegsink name=w port=0 sync=false");
    stage.play();
    fail_unless(stage.message(GST_MESSAGE_EOS, 120s) != nullptr, "%s", stage.error().c_str());
    fail_unless(stage.stat("damaged") + stage.stat("frames") == 20);
    fail_unless(stage.stat("damaged") >= 19); // one in 16 million begins as a JPEG does
}
GST_END_TEST

GST_START_TEST(portInUse) {
    Stage first(jpegs + "mjpegsink name=w port=0");
    first.set(GST_STATE_READY);
    Stage second(jpegs + "mjpegsink name=w port=" + std::to_string(portOf(first)));
    fail_unless_equals_int(second.set(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
    const std::string error = second.error();
    fail_unless(error.find("already listens") != std::string::npos, "%s", error.c_str());
}
GST_END_TEST

#ifdef HAVE_OPENCV_VIDEOIO
GST_START_TEST(openCvReadsIt) {
    Stage stage(jpegs + "mjpegsink name=w port=0");
    stage.play();
    cv::VideoCapture capture(stage.page(), cv::CAP_FFMPEG);
    fail_unless(capture.isOpened(), "OpenCV cannot open %s", stage.page().c_str());
    cv::Mat frame;
    for (int i = 0; i < 5; i++) {
        fail_unless(capture.read(frame), "no picture %d", i);
        fail_unless(frame.cols == 320 && frame.rows == 240);
    }
}
GST_END_TEST
#endif

static Suite* mjpegsink_suite() {
    Suite* suite = suite_create("mjpegsink");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, partsAreWhatTheySay);
    tcase_add_test(tests, snapshotIsTheNewest);
    tcase_add_test(tests, eightyReadAndTwentyDoNot);
    tcase_add_test(tests, twoHundredComeAndGo);
    tcase_add_test(tests, besideAWhepsink);
    tcase_add_test(tests, whoMayAsk);
    tcase_add_test(tests, whoHasTheToken);
    tcase_add_test(tests, whatIsNoPicture);
    tcase_add_test(tests, portInUse);
#ifdef HAVE_OPENCV_VIDEOIO
    tcase_add_test(tests, openCvReadsIt);
#endif
    return suite;
}

GST_CHECK_MAIN(mjpegsink);
