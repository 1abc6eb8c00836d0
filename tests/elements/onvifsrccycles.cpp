// onvifsrc started and stopped a thousand times, and its stream lost two hundred times: what it
// takes it gives back.
#include "cameraprogram.hpp"
#include "player.hpp"
#include "soapcamera.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <malloc.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

/// What a process can leak. Memory is what malloc has given out, in bytes, not what it keeps.
struct Possessions {
    std::size_t files = support::descriptors(), threads = support::threads(),
                memory = mallinfo2().uordblks;
};

/// Threads and sockets of libraries take a moment to go; those that stay for good do not go at all.
static void expectBack(const Possessions& before, std::size_t memoryLeft) {
    Possessions now;
    const bool back = support::becomes([&] {
        now = Possessions();
        return now.files <= before.files && now.threads <= before.threads &&
               now.memory <= before.memory + memoryLeft;
    });
    if (back)
        return;
    ck_abort_msg("files %zu, now %zu; threads %zu, now %zu; memory %zu, now %zu", before.files,
                 now.files, before.threads, now.threads, before.memory, now.memory);
}

static void linkVideo(GstElement*, GstPad* pad, gpointer sink) {
    if (g_str_has_prefix(GST_PAD_NAME(pad), "video_")) {
        const glue::Ref<GstPad> to(gst_element_get_static_pad(GST_ELEMENT(sink), "sink"));
        gst_pad_link(pad, to.get());
    }
}

/// Four elements at once, each over and over, stopped at any time within `longestWait` (in µs).
static void cycle(const std::string& location, int times, gint32 longestWait) {
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([&] {
            Player player("onvifsrc name=c location=" + location + " fakesink name=out sync=false");
            g_signal_connect(player["c"].get(), "pad-added", G_CALLBACK(linkVideo),
                             player["out"].get());
            for (int i = 0; i < times / 4; i++) {
                player.play();
                g_usleep(static_cast<gulong>(g_random_int_range(0, longestWait)));
                failures += !player.stops();
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    fail_unless_equals_int(failures, 0);
}

/// With nobody there, stopped before, while and after that is known.
GST_START_TEST(startsAndStopsAtNothing) {
    cycle("onvif://127.0.0.1:1", 300, 3000);
    const Possessions before;
    cycle("onvif://127.0.0.1:1", 1000, 3000);
    expectBack(before, 100000);
}
GST_END_TEST

/// Stopped anywhere between the first question and the first pictures.
GST_START_TEST(startsAndStopsAtACamera) {
    CameraProgram camera(
        {"--width", "160", "--height", "120", "--fps", "5", "--audio", "pcmu", "--no-discovery"});
    cycle(camera.url, 800, 40000); // what GStreamer keeps grows for as long as that
    const Possessions before;
    cycle(camera.url, 1000, 40000);
    expectBack(before, 500000);
}
GST_END_TEST

static const char* const video =
    "( videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=30/1 ! x264enc "
    "tune=zerolatency speed-preset=ultrafast key-int-max=5 ! rtph264pay name=pay0 )";

static void loseTheCamera(Player& player, SoapCamera& camera, int times) {
    for (int i = 0; i < times; i++) {
        const int before = player.told["onvif-online"];
        camera.hangUp(video);
        player.expectMessage("onvif-online", before + 1);
    }
}

/// Hung up on again and again: each time asked, opened and played anew, on the same pad.
GST_START_TEST(losesItsCamera) {
    SoapCamera camera;
    camera.stream(video);
    Player player("onvifsrc name=c reconnect-min-delay=1 reconnect-max-delay=20 timeout=20000 "
                  "location=" +
                  camera.url() + " ! rtph264depay ! fakesink name=out sync=false");
    player.play();
    player.expectBuffers("out", 3);
    loseTheCamera(player, camera, 20);
    const Possessions before;
    loseTheCamera(player, camera, 200);
    // The camera included; it goes up and down by this much, and is no more after 400 losses.
    expectBack(before, 4000000);
    fail_unless_equals_int(player.stat("c", "reconnects"), 220);
    player.stop();
}
GST_END_TEST

static Suite* onvifsrccycles_suite() {
    mallopt(M_ARENA_MAX, 1); // all of malloc's memory in the one place that is measured
    Suite* suite = suite_create("onvifsrccycles");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, startsAndStopsAtNothing);
    tcase_add_test(tests, startsAndStopsAtACamera);
    tcase_add_test(tests, losesItsCamera);
    return suite;
}

GST_CHECK_MAIN(onvifsrccycles);
