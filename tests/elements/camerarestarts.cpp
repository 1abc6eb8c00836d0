// Two hundred lives of the virtual camera in one process, and viewers that vanish.
#include "rtspdialogue.hpp"

#include <malloc.h>

#include <sys/resource.h>

#include <sstream>

namespace {

std::size_t residentKilobytes() {
    std::ifstream in("/proc/self/statm");
    std::size_t total = 0, resident = 0;
    in >> total >> resident;
    return resident * static_cast<std::size_t>(getpagesize()) / 1024;
}

/// A camera that is used by every part of it, by a viewer that leaves as it likes.
void live(int life) {
    auto settings = small();
    settings.tls = life % 8 == 7;
    const camera::VirtualCamera camera(settings);
    if (settings.tls)
        return;
    RtspDialogue viewer(life % 4 == 3 ? camera.replayUrl(camera.recordings().front())
                                      : camera.rtspUrl("sub"));
    viewer.setUp();
    if (life % 2 == 0) {
        viewer.ask("PLAY");
        fail_unless(viewer.packet().has_value(), "no packet in life %d", life);
    }
    if (life % 3 == 0)
        viewer.ask("TEARDOWN");
}

} // namespace

GST_START_TEST(twoHundredLives) {
    std::size_t descriptors = 0, threads = 0, memory = 0;
    constexpr int warm = 24; // GStreamer and GLib keep some things for ever
    for (int life = 0; life < 200; ++life) {
        live(life);
        if (life == warm) {
            g_thread_pool_stop_unused_threads();
            g_usleep(500000);
            descriptors = ::descriptors();
            threads = ::threads();
            malloc_trim(0); // what is free and not given back is no leak
            memory = residentKilobytes();
        }
    }
    g_thread_pool_stop_unused_threads();
    const auto settled = [&] { return ::descriptors() <= descriptors && ::threads() <= threads; };
    std::ostringstream left;
    if (!becomes(settled))
        for (const auto& name : threadNames())
            left << name << " ";
    fail_unless(settled(), "descriptors: %zu, then %zu; threads: %s", descriptors, ::descriptors(),
                left.str().c_str());
    // 176 more lives: a picture or a stream forgotten in each would be 60 MiB and more.
    malloc_trim(0);
    const std::size_t now = residentKilobytes();
    g_print("memory: %zu KiB after %d lives, %zu KiB after 200\n", memory, warm + 1, now);
    fail_unless(now < memory + 24 * 1024, "%zu KiB, then %zu KiB", memory, now);
}
GST_END_TEST

/// The RTSP half alone goes away and comes back, with a viewer connected each time.
GST_START_TEST(rtspRestarts) {
    camera::VirtualCamera camera(small());
    const std::string url = camera.rtspUrl("sub");
    for (int i = 0; i < 30; ++i) {
        RtspDialogue viewer(url);
        viewer.setUp();
        viewer.ask("PLAY");
        const std::string said = camera.control().run("rtsp restart");
        fail_unless(says(said, "ok port="), "%s", said.c_str());
    }
    fail_unless(camera.rtspUrl("sub") == url);
    RtspDialogue viewer(url);
    viewer.setUp();
    viewer.ask("PLAY");
    fail_unless(viewer.packet().has_value());
}
GST_END_TEST

static Suite* camerarestarts_suite() {
    Suite* suite = suite_create("camerarestarts");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, twoHundredLives);
    TCase* restart = tcase_create("restart");
    suite_add_tcase(suite, restart);
    tcase_add_test(restart, rtspRestarts);
    return suite;
}

GST_CHECK_MAIN(camerarestarts);
