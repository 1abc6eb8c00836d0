// The virtual camera as its viewers meet it: stock clients on real sockets.
#include "base/error.hpp"
#include "scenewatch.hpp"
#include "support/gstlivesrc.hpp"
#include "webwatch.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

using glue::Ref;

namespace {

std::string bytesOf(GstSample* sample) {
    GstMapInfo map;
    gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ);
    std::string bytes(reinterpret_cast<const char*>(map.data), map.size);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    return bytes;
}

constexpr GstClockTime spacing = 40 * GST_MSECOND;

/// Its first buffer takes long, as on a machine with other work; all know when they were due.
class LateProducer : public camera::Producer {
public:
    explicit LateProducer(GstClockTime epoch) : epoch_(epoch) {}
    glue::Ref<GstCaps> caps() override {
        return glue::Ref<GstCaps>(gst_caps_new_empty_simple("application/x-late"));
    }
    glue::Ref<GstBuffer> next() override {
        if (count_ == 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
        glue::Ref<GstBuffer> buffer(gst_buffer_new());
        GST_BUFFER_PTS(buffer.get()) = epoch_ + spacing * count_;
        GST_BUFFER_OFFSET(buffer.get()) = count_++;
        return buffer;
    }
    void cancel(bool) override {}

private:
    GstClockTime epoch_;
    guint64 count_ = 0;
};

} // namespace

GST_START_TEST(aLateFrameMakesNoOtherLate) {
    camera::registerLiveSource();
    Player player("virtualcamerasrc name=source ! appsink name=out sync=false");
    const Ref<GstClock> clock(gst_system_clock_obtain());
    const GstClockTime epoch = gst_clock_get_time(clock.get()) + GST_SECOND / 10;
    const Ref<GstElement> source = player["source"];
    camera::setProducer(source.get(), std::make_unique<LateProducer>(epoch));
    player.play();
    for (guint64 i = 0; i < 12; i++) {
        const Ref<GstSample> sample = pull(player, "out");
        GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        const GstClockTime base = gst_element_get_base_time(source.get());
        fail_unless_equals_uint64(GST_BUFFER_OFFSET(buffer), i);
        fail_unless_equals_uint64(GST_BUFFER_PTS(buffer) + base, epoch + spacing * i);
        fail_unless(gst_clock_get_time(clock.get()) >= epoch + spacing * i, "%u came early",
                    static_cast<unsigned>(i));
    }
}
GST_END_TEST

GST_START_TEST(sceneByEveryTransport) {
    const camera::VirtualCamera camera(small());
    for (const char* protocols : {"tcp", "udp"}) {
        for (const char* token : {"main", "sub"}) {
            Player player(viewer(camera.rtspUrl(token), protocols));
            player.play();
            std::uint32_t last = 0;
            for (int i = 0; i < 15; ++i) {
                const auto number = checkScene(pull(player, "out").get(), 640, 360, 10);
                fail_unless(number > last, "%u after %u", number, last);
                last = number;
            }
            fail_unless(last < 10 * 600, "frame %u within ten minutes", last);
        }
    }
}
GST_END_TEST

GST_START_TEST(allStreamsShowTheSameTime) {
    auto settings = small();
    settings.width = 1280;
    settings.height = 720;
    const camera::VirtualCamera camera(settings);
    Player player(viewer(camera.rtspUrl("main"), "tcp", "a") + " " +
                  viewer(camera.rtspUrl("sub"), "tcp", "b"));
    player.play();
    for (const char* sink : {"a", "b"}) // the newest of each, whichever came first
        g_object_set(player[sink].get(), "drop", TRUE, "max-buffers", 1, nullptr);
    int difference = 0;
    // One of them may be late for a while on a busy machine.
    for (int i = 0; i < 10 || (i < 300 && std::abs(difference) > 20); ++i) {
        const auto a = checkScene(pull(player, "a").get(), 1280, 720, 10);
        const auto b = checkScene(pull(player, "b").get(), 640, 360, 10);
        difference = static_cast<int>(a) - static_cast<int>(b);
    }
    fail_unless(std::abs(difference) <= 20, "%d frames apart", difference);
}
GST_END_TEST

GST_START_TEST(soundTicks) {
    for (const auto audio : {camera::Audio::Aac, camera::Audio::Pcmu}) {
        auto settings = small();
        settings.audio = audio;
        const camera::VirtualCamera camera(settings);
        Player player("rtspsrc protocols=tcp location=" + camera.rtspUrl("main") +
                      " name=r r. ! application/x-rtp,media=audio ! decodebin ! audioconvert ! "
                      "audio/x-raw,format=S16LE,channels=1 ! appsink sync=false name=out "
                      "r. ! application/x-rtp,media=video ! fakesink async=false");
        player.play();
        int loud = 0, quiet = 0;
        while (loud == 0 || quiet < 10) {
            const auto sample = pull(player, "out");
            GstMapInfo map;
            gst_buffer_map(gst_sample_get_buffer(sample.get()), &map, GST_MAP_READ);
            const auto* samples = reinterpret_cast<const gint16*>(map.data);
            int peak = 0;
            for (gsize i = 0; i < map.size / 2; ++i)
                peak = std::max(peak, std::abs(samples[i]));
            gst_buffer_unmap(gst_sample_get_buffer(sample.get()), &map);
            peak > 1500 ? ++loud : ++quiet;
            fail_unless(loud + quiet < 500, "no tick in 500 buffers");
        }
    }
}
GST_END_TEST

GST_START_TEST(manyViewers) {
    const camera::VirtualCamera camera(small());
    std::string line;
    for (int i = 0; i < 6; ++i)
        line += viewer(camera.rtspUrl("main"), i % 2 ? "udp" : "tcp",
                       ("s" + std::to_string(i)).c_str()) +
                " ";
    Player player(line);
    player.play();
    for (int round = 0; round < 3; ++round)
        for (int i = 0; i < 6; ++i)
            checkScene(pull(player, ("s" + std::to_string(i)).c_str()).get(), 640, 360, 10);
}
GST_END_TEST

/// Who comes later gets the very bytes that the first one gets, and a key frame long before the
/// next regular one.
GST_START_TEST(oneEncodeForAll) {
    const camera::VirtualCamera camera(small());
    const std::string line =
        "rtspsrc protocols=tcp location=" + camera.rtspUrl("main") +
        " ! rtph264depay ! video/x-h264,stream-format=byte-stream,alignment=au ! "
        "appsink name=out sync=false";
    Player first(line), second(line);
    first.play();
    for (int i = 0; i < 5; ++i)
        pull(first, "out");
    second.play();
    std::vector<std::string> later;
    int firstKey = -1;
    for (int i = 0; i < 10; ++i) {
        const auto sample = pull(second, "out");
        later.push_back(bytesOf(sample.get()));
        const GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        if (firstKey < 0 && !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT))
            firstKey = i;
    }
    fail_unless(firstKey >= 0 && firstKey <= 5, "the first key frame is number %d", firstKey);
    std::set<std::string> seen;
    for (int i = 0; i < 1000 && seen.count(later.back()) == 0; ++i)
        seen.insert(bytesOf(pull(first, "out").get()));
    const auto same = std::count_if(later.begin(), later.end(), [&](const std::string& bytes) {
        return seen.count(bytes) > 0;
    });
    fail_unless(same >= 9, "%d frames of 10 are the same", static_cast<int>(same));
}
GST_END_TEST

/// Who comes as the last viewer leaves is served too, however viewers leave.
GST_START_TEST(viewersComeAndGo) {
    const camera::VirtualCamera camera(small());
    const std::string url = camera.rtspUrl("main");
    for (int i = 0; i < 20; ++i) {
        const Connection viewer(url);
        const auto ask = [&](const std::string& line, const std::string& headers = {}) {
            viewer.send(line + " RTSP/1.0\r\nCSeq: 1\r\n" + headers + "\r\n");
            const std::string answer = viewer.until("\r\n\r\n");
            fail_unless(says(answer, "RTSP/1.0 200 OK"), "round %d: %s: %s", i, line.c_str(),
                        answer.c_str());
            return answer;
        };
        const std::string described = ask("DESCRIBE " + url);
        viewer.read(std::stoul(described.substr(described.find("Content-Length: ") + 16)));
        if (i % 3 == 0)
            continue;
        const std::string set =
            ask("SETUP " + url + "/stream=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
        const auto session = set.find("Session: ");
        ask("PLAY " + url,
            set.substr(session, set.find_first_of(";\r", session) - session) + "\r\n");
        if (i % 3 == 1)
            fail_unless(viewer.until("$").size() < 10000, "no packet came");
    }
}
GST_END_TEST

GST_START_TEST(nothingIsLeftBehind) {
    // Once before counting: GStreamer and GLib keep some things for ever.
    std::size_t descriptors = 0;
    std::multiset<std::string> threads;
    for (int i = 0; i < 6; ++i) {
        {
            const camera::VirtualCamera camera(small());
            Player player(viewer(camera.rtspUrl("main"), "tcp", "a") + " " +
                          viewer(camera.rtspUrl("sub"), "udp", "b"));
            player.play();
            pull(player, "a");
            pull(player, "b");
            askWeb(camera, request("GET", "/snapshot/sub"));
            if (i % 2 == 0)
                player.stop(); // else the camera goes first
            else
                std::thread([] {}).join();
        }
        // Threads that GLib keeps for later work are no leak.
        g_thread_pool_stop_unused_threads();
        if (i > 1)
            becomes([&] {
                return ::descriptors() <= descriptors && threadNames().size() <= threads.size();
            });
        if (i == 1) {
            g_usleep(1000000);
            descriptors = ::descriptors();
            threads = threadNames();
        }
    }
    std::ostringstream left;
    for (const auto& name : threadNames())
        left << name << " ";
    fail_unless(::descriptors() <= descriptors, "descriptors: %zu, then %zu", descriptors,
                ::descriptors());
    fail_unless(threadNames().size() <= threads.size(), "threads: %s", left.str().c_str());
    fail_if(threadNames().count("camera-rtsp") || threadNames().count("camera-soap"));
}
GST_END_TEST

GST_START_TEST(busyPort) {
    const camera::VirtualCamera first(small());
    auto settings = small();
    settings.port = static_cast<unsigned>(std::stoi(portOf(first.deviceServiceUrl())));
    for (int i = 0; i < 2; ++i) {
        try {
            const camera::VirtualCamera second(settings);
            ck_abort_msg("two cameras on one port");
        } catch (const base::Error& error) {
            fail_unless(error.kind() == base::ErrorKind::Busy, "%s", error.what());
            fail_unless(says(error.what(), "another port"), "%s", error.what());
        }
        settings.port = 0;
        settings.rtspPort = static_cast<unsigned>(std::stoi(portOf(first.rtspUrl("main"))));
    }
}
GST_END_TEST

static Suite* virtualcamera_suite() {
    Suite* suite = suite_create("virtualcamera");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, aLateFrameMakesNoOtherLate);
    tcase_add_test(tests, sceneByEveryTransport);
    tcase_add_test(tests, allStreamsShowTheSameTime);
    tcase_add_test(tests, soundTicks);
    tcase_add_test(tests, manyViewers);
    tcase_add_test(tests, oneEncodeForAll);
    tcase_add_test(tests, viewersComeAndGo);
    tcase_add_test(tests, nothingIsLeftBehind);
    tcase_add_test(tests, busyPort);
    return suite;
}

GST_CHECK_MAIN(virtualcamera);
