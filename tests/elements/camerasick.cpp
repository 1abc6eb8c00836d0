// What viewers have to bear from the virtual camera when it is told to be ill, by RTSP.
#include "rtspdialogue.hpp"

namespace {

/// Plays the sub stream's tracks; each ends in a sink of its own name.
std::string tracks(const camera::VirtualCamera& camera) {
    return "rtspsrc protocols=tcp latency=100 name=r location=" + camera.rtspUrl("sub") +
           " r. ! application/x-rtp,media=video ! rtph264depay ! fakesink name=video sync=false "
           "r. ! application/x-rtp,media=audio ! fakesink name=audio sync=false "
           "r. ! application/x-rtp,media=application ! fakesink name=metadata sync=false";
}

/// Whether a sink still gets something.
bool flows(Player& player, const char* sink) {
    const guint before = player.count(sink);
    for (int i = 0; i < 20 && player.count(sink) == before; ++i)
        g_usleep(50000);
    return player.count(sink) > before;
}

/// The gap that a viewer sees is waited over first.
bool flowsAgain(Player& player, const char* sink) {
    return becomes([&] { return flows(player, sink); });
}

camera::Settings ill(const std::string& name, const std::string& value = {}) {
    auto settings = small();
    settings.ills[name] = value;
    return settings;
}

void playing(RtspDialogue& viewer) {
    viewer.setUp();
    const std::string answer = viewer.ask("PLAY");
    fail_unless(says(answer, "RTSP/1.0 200 "), "%s", answer.c_str());
}

/// Whether the camera closes the connection, which it has to do within half a minute.
bool hungUp(RtspDialogue& viewer) {
    for (int i = 0; i < 2000; ++i)
        if (!viewer.packet(20))
            return true;
    return false;
}

} // namespace

GST_START_TEST(tracksStopAndGoOn) {
    camera::VirtualCamera camera(small());
    Player player(tracks(camera));
    player.play();
    for (const char* track : {"video", "audio", "metadata"})
        player.expectBuffers(track, 3);
    const struct {
        const char* ill;
        bool video, audio, metadata;
    } kinds[] = {{"video-stops", false, true, true},
                 {"audio-stops", true, false, true},
                 {"metadata-stops", true, true, false},
                 {"stream-stops", false, false, false}};
    for (const auto& kind : kinds) {
        camera.ills().set(kind.ill);
        const auto expect = [&](const char* track, bool expected) {
            // What is on its way arrives first.
            fail_unless(becomes([&] { return flows(player, track) == expected; }), "%s with %s",
                        track, kind.ill);
        };
        expect("video", kind.video);
        expect("audio", kind.audio);
        expect("metadata", kind.metadata);
        camera.ills().clear(kind.ill);
        for (const char* track : {"video", "audio", "metadata"})
            fail_unless(flowsAgain(player, track), "no %s after %s", track, kind.ill);
    }
}
GST_END_TEST

GST_START_TEST(hangsUp) {
    const camera::VirtualCamera camera(ill("hangs-up", "1"));
    RtspDialogue viewer(camera.rtspUrl("sub"));
    playing(viewer);
    fail_unless(viewer.packet().has_value());
    fail_unless(hungUp(viewer), "the connection stays");
}
GST_END_TEST

/// Asked now and then a session lives; left alone it ends, although packets are taken.
GST_START_TEST(sessionsTimeOut) {
    const camera::VirtualCamera camera(ill("session-timeout", "2"));
    RtspDialogue lively(camera.rtspUrl("sub"));
    playing(lively);
    for (int i = 0; i < 4; ++i) {
        g_usleep(1000000);
        fail_unless(says(lively.ask("GET_PARAMETER"), "RTSP/1.0 200 "), "round %d", i);
    }
    fail_unless(hungUp(lively), "the session lives for ever");
}
GST_END_TEST

GST_START_TEST(refusesAndIsSilent) {
    const camera::VirtualCamera refusing(ill("refuses-setup"));
    RtspDialogue refused(refusing.rtspUrl("sub"));
    refused.ask("DESCRIBE");
    const std::string answer =
        refused.ask("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n", "/stream=0");
    fail_unless(says(answer, "RTSP/1.0 461 "), "%s", answer.c_str());

    const camera::VirtualCamera silent(ill("no-keepalive-answer"));
    RtspDialogue viewer(silent.rtspUrl("sub"));
    playing(viewer);
    fail_unless(viewer.asksInVain("GET_PARAMETER"), "it answered");
    fail_unless(viewer.packet().has_value(), "the stream is gone too");

    const camera::VirtualCamera slow(ill("rtsp-slow", "300"));
    RtspDialogue patient(slow.rtspUrl("sub"));
    const gint64 start = g_get_monotonic_time();
    patient.ask("OPTIONS");
    fail_unless(g_get_monotonic_time() - start >= 300000, "it hurries");
}
GST_END_TEST

GST_START_TEST(describesWrongly) {
    camera::VirtualCamera camera(small());
    const std::string url = camera.rtspUrl("sub");
    const auto sdp = [&](const char* how) {
        camera.ills().set("wrong-sdp", how);
        RtspDialogue viewer(url);
        viewer.ask("DESCRIBE");
        return viewer.sdp;
    };
    fail_unless(says(sdp("absolute"), "a=control:" + url + "/stream=0\r\n"));
    fail_unless(says(sdp("other-host"), "a=control:rtsp://127.0.0.99:"));
    fail_if(says(sdp("no-rtpmap"), "a=rtpmap"));
    // With an absolute address of a track stock clients find their way all the same.
    camera.ills().set("wrong-sdp", "absolute");
    Player player("rtspsrc protocols=tcp location=" + url + " ! rtph264depay ! fakesink name=out");
    player.play();
    player.expectBuffers("out", 3);
}
GST_END_TEST

GST_START_TEST(startsInTheMiddle) {
    const camera::VirtualCamera camera(ill("starts-without-key-frame"));
    Player player("rtspsrc protocols=tcp location=" + camera.rtspUrl("sub") +
                  " ! rtph264depay ! video/x-h264,alignment=au ! appsink name=out sync=false");
    player.play();
    const auto first = pull(player, "out");
    fail_unless(
        GST_BUFFER_FLAG_IS_SET(gst_sample_get_buffer(first.get()), GST_BUFFER_FLAG_DELTA_UNIT),
        "it starts with a key frame");
}
GST_END_TEST

/// The port is really gone, and after the restart the stream has changed.
GST_START_TEST(restartsWithOtherCaps) {
    camera::VirtualCamera camera(small());
    const std::string url = camera.rtspUrl("sub");
    const auto shape = [&](const char* depayloader) {
        Player player("rtspsrc protocols=tcp location=" + url + " ! " + depayloader +
                      " ! decodebin ! video/x-raw ! appsink name=out sync=false");
        player.play();
        int width = 0;
        const auto sample = pull(player, "out");
        gst_structure_get_int(gst_caps_get_structure(gst_sample_get_caps(sample.get()), 0), "width",
                              &width);
        return width;
    };
    fail_unless_equals_int(shape("rtph264depay"), 640);
    fail_unless(says(camera.control().run("rtsp stop"), "ok"));
    fail_if(canConnect(url), "somebody still listens");
    camera.ills().set("caps-change");
    fail_unless(says(camera.control().run("rtsp start"), "ok"));
    fail_unless(camera.rtspUrl("sub") == url);
    fail_unless_equals_int(shape("rtph264depay"), 320);
    camera.ills().set("caps-change", "h265");
    fail_unless(says(camera.control().run("rtsp restart"), "ok"));
    fail_unless_equals_int(shape("rtph265depay"), 640);
}
GST_END_TEST

GST_START_TEST(movesToAnotherPort) {
    camera::VirtualCamera camera(small());
    const std::string url = camera.rtspUrl("sub");
    fail_unless(says(camera.control().run("rtsp move"), "ok port="));
    fail_if(camera.rtspUrl("sub") == url);
    fail_if(canConnect(url), "somebody still listens");
    fail_unless(canConnect(camera.rtspUrl("sub")));
    fail_unless(says(camera.control().run("rtsp dance"), "error"));
}
GST_END_TEST

static Suite* camerasick_suite() {
    Suite* suite = suite_create("camerasick");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, tracksStopAndGoOn);
    tcase_add_test(tests, hangsUp);
    tcase_add_test(tests, sessionsTimeOut);
    tcase_add_test(tests, refusesAndIsSilent);
    tcase_add_test(tests, describesWrongly);
    tcase_add_test(tests, startsInTheMiddle);
    tcase_add_test(tests, restartsWithOtherCaps);
    tcase_add_test(tests, movesToAnotherPort);
    return suite;
}

GST_CHECK_MAIN(camerasick);
