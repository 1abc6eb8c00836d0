// A camera is lost and comes back: what is downstream of onvifsrc sees a gap, and nothing else.
#include "cameraprogram.hpp"
#include "player.hpp"
#include "soapcamera.hpp"

#include <algorithm>
#include <atomic>

using glue::Ref;

static std::unique_ptr<CameraProgram> camera(std::vector<std::string> more = {}) {
    std::vector<std::string> options = {
        "--width", "320", "--height", "180", "--fps", "10", "--no-discovery", "--audio", "pcmu"};
    options.insert(options.end(), more.begin(), more.end());
    return std::make_unique<CameraProgram>(options);
}

/// Quick to notice and to try, so that the tests are.
static std::string source(const std::string& url, const std::string& more = "") {
    return "onvifsrc name=c location=" + url +
           " timeout=3000 reconnect-min-delay=100 reconnect-max-delay=400 " + more + " ";
}

/// What passes a pad, as running time.
struct Passage {
    std::atomic<guint> buffers{0}, backwards{0}, discont{0}, caps{0}, segments{0}, starts{0};
    std::atomic<guint64> last{0}, gap{0};
    GstSegment segment;

    static GstPadProbeReturn onBuffer(Passage& self, const GstBuffer* buffer) {
        const guint64 now =
            gst_segment_to_running_time(&self.segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
        self.backwards += self.buffers > 0 && now < self.last;
        self.gap = std::max<guint64>(self.gap, self.buffers ? now - self.last : 0);
        self.discont += self.buffers > 0 && GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT);
        self.last = now;
        self.buffers++;
        return GST_PAD_PROBE_OK;
    }
    static GstPadProbeReturn probe(GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto& self = *static_cast<Passage*>(data);
        if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
            return onBuffer(self, GST_PAD_PROBE_INFO_BUFFER(info));
        GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
        self.caps += GST_EVENT_TYPE(event) == GST_EVENT_CAPS;
        self.starts += GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START;
        if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
            gst_event_copy_segment(event, &self.segment);
            self.segments++;
        }
        return GST_PAD_PROBE_OK;
    }
    Passage(Player& player, const char* element) {
        gst_segment_init(&segment, GST_FORMAT_TIME);
        const Ref<GstPad> pad(gst_element_get_static_pad(player[element].get(), "sink"));
        gst_pad_add_probe(pad.get(),
                          static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                                       GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
                          probe, this, nullptr);
    }
};

static const char* const decoded =
    "! rtph264depay name=d ! avdec_h264 ! fakesink name=out sync=false";

static void expectMore(Player& player, const char* sink = "out") {
    player.expectBuffers(sink, static_cast<guint>(player.rendered(sink)) + 10);
}

GST_START_TEST(goesOnAfterARestart) {
    const auto program = camera();
    Player player(source(program->url) + decoded);
    Passage packets(player, "d"), pictures(player, "out");
    player.play();
    player.expectBuffers("out", 10);
    for (int i = 1; i <= 2; i++) {
        program->end();
        player.expectMessage("onvif-offline", player.told["onvif-offline"] + 2);
        program->startAgain();
        player.expectMessage("onvif-online", i);
        expectMore(player);
    }
    fail_if(player.ended);
    fail_unless_equals_int(packets.backwards, 0);
    fail_unless_equals_int(pictures.backwards, 0);
    fail_unless_equals_int(packets.segments, 1);
    fail_unless_equals_int(packets.starts, 1);
    fail_unless_equals_int(packets.discont, 2);
    // Two tries failed while it was away, so the gap is real.
    fail_unless(packets.gap > 100 * GST_MSECOND, "%" G_GUINT64_FORMAT, packets.gap.load());
    fail_unless_equals_int(player.stat("c", "reconnects"), 2);
    fail_unless(player.stat("c", "downtime") > 100 * GST_MSECOND);
    const GstStructure* online = player.latest["onvif-online"].get();
    guint attempts = 0;
    fail_unless(gst_structure_get_uint(online, "attempts", &attempts) && attempts >= 2);
    fail_unless_equals_int(GST_ELEMENT(player["c"].get())->numsrcpads, 2);
    player.stop();
}
GST_END_TEST

/// Another picture size: the decoder and what follows hear of new caps and go on.
GST_START_TEST(goesOnWithOtherCaps) {
    const auto program = camera();
    Player player(source(program->url) + decoded);
    Passage pictures(player, "out");
    player.play();
    player.expectBuffers("out", 5);
    program->end();
    program->startAgain({"--width", "640", "--height", "360"});
    player.expectMessage("onvif-online");
    expectMore(player);
    const Ref<GstPad> pad(gst_element_get_static_pad(player["out"].get(), "sink"));
    const Ref<GstCaps> caps(gst_pad_get_current_caps(pad.get()));
    int width = 0;
    gst_structure_get_int(gst_caps_get_structure(caps.get(), 0), "width", &width);
    fail_unless_equals_int(width, 640);
    fail_unless_equals_int(pictures.backwards, 0);
}
GST_END_TEST

static const char* const ways[] = {"udp", "tcp"};

/// It neither hangs up nor sends: only a clock tells.
GST_START_TEST(goesOnAfterASilence) {
    const auto program = camera();
    Player player(source(program->url, std::string("protocols=") + ways[__i__]) + decoded);
    Passage packets(player, "d");
    player.play();
    player.expectBuffers("out", 5);
    program->signal(SIGSTOP);
    player.expectMessage("onvif-offline");
    program->signal(SIGCONT);
    player.expectMessage("onvif-online");
    expectMore(player);
    fail_unless_equals_int(packets.backwards, 0);
}
GST_END_TEST

/// A source that brings `count` buffers and then nothing, not even its end.
static std::string stopping(const char* what, int count, const char* caps) {
    return std::string(what) + " is-live=true num-buffers=" + std::to_string(count) + " ! " + caps +
           " ! concat name=after" + what + " appsrc is-live=true format=time caps=\"" + caps +
           "\" ! after" + what + ". after" + what + ". ";
}
static const char* const rawVideo = "video/x-raw,format=I420,width=320,height=240,framerate=15/1";
static const char* const rawAudio =
    "audio/x-raw,format=S16LE,layout=interleaved,rate=8000,channels=1";
static const char* const encodeVideo =
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 "
    "config-interval=1 ";
static const char* const encodeAudio = "! alawenc ! rtppcmapay name=pay1 ";
static const std::string steadyVideo =
    std::string("videotestsrc is-live=true ! ") + rawVideo + encodeVideo;
static const std::string steadyAudio =
    std::string("audiotestsrc is-live=true wave=silence ! ") + rawAudio + encodeAudio;

/// One of the two stops, the other goes on: per-track watchdog.
GST_START_TEST(goesOnWhenOneTrackStops) {
    const bool videoStops = __i__ == 0;
    const std::string launch =
        videoStops
            ? "( " + stopping("videotestsrc", 30, rawVideo) + encodeVideo + steadyAudio + ")"
            : "( " + steadyVideo + stopping("audiotestsrc", 20, rawAudio) + encodeAudio + ")";
    SoapCamera camera;
    camera.stream(launch.c_str());
    Player player(source(camera.url()) + "c. ! rtph264depay name=d ! fakesink name=out sync=false "
                                         "c. ! rtppcmadepay ! fakesink name=out2 sync=false");
    player.play();
    player.expectMessage("onvif-offline");
    const char* reason = gst_structure_get_string(player.latest["onvif-offline"].get(), "reason");
    fail_unless(strstr(reason, videoStops ? "video_0" : "audio_0"), "%s", reason);
    player.expectMessage("onvif-online");
    expectMore(player);
}
GST_END_TEST

/// The camera sends another codec now: what was linked cannot take it, and that is said.
GST_START_TEST(anotherCodecIsAnError) {
    SoapCamera camera;
    camera.stream(("( " + steadyVideo + ")").c_str());
    Player player(source(camera.url()) + "! rtph264depay ! fakesink name=out sync=false");
    player.play();
    player.expectBuffers("out", 5);
    camera.hangUp((std::string("( videotestsrc is-live=true ! ") + rawVideo +
                   " ! jpegenc ! rtpjpegpay name=pay0 )")
                      .c_str());
    player.expectError();
    fail_unless(player.error.find("does not take JPEG") != std::string::npos, "%s",
                player.error.c_str());
}
GST_END_TEST

GST_START_TEST(goesOnWhenHungUpOn) {
    SoapCamera camera;
    camera.stream(("( " + steadyVideo + ")").c_str());
    Player player(source(camera.url()) + decoded);
    player.play();
    for (int i = 1; i <= 5; i++) {
        expectMore(player);
        camera.hangUp(("( " + steadyVideo + ")").c_str());
        player.expectMessage("onvif-online", i);
    }
    fail_unless_equals_int(player.stat("c", "reconnects"), 5);
}
GST_END_TEST

/// A refused password is tried once and never again, however the stream was lost.
/// A reset comes as two errors, of which the second looks like one that nothing can be done about.
GST_START_TEST(goesOnWhenReset) {
    SoapCamera camera;
    camera.stream(("( " + steadyVideo + ")").c_str());
    Player player(source(camera.url()) + decoded);
    player.play();
    for (int i = 1; i <= 10; i++) {
        expectMore(player);
        camera.crash();
        player.expectMessage("onvif-online", i);
    }
}
GST_END_TEST

GST_START_TEST(wrongPasswordIsNotTriedAgain) {
    SoapCamera camera;
    camera.stream(("( " + steadyVideo + ")").c_str());
    std::atomic<bool> closed{false};
    camera.judge = [&](const SoapCamera::Request& request, const SoapCamera::Answer& usual) {
        const SoapCamera::Answer refusal{401, "", true,
                                         "Digest realm=\"x\", nonce=\"n\", qop=\"auth\""};
        return closed && request.operation != "GetSystemDateAndTime" ? refusal : usual;
    };
    Player player(source(camera.url(), "user-id=admin user-pw=s3cret") + decoded);
    player.play();
    player.expectBuffers("out", 5);
    closed = true;
    camera.hangUp(("( " + steadyVideo + ")").c_str());
    player.expectError();
    fail_unless(player.error.find("check user-id and user-pw") != std::string::npos, "%s",
                player.error.c_str());
    int logins = 0;
    for (const auto& request : camera.requests())
        logins += !request.authorization.empty();
    fail_unless_equals_int(logins, 1);
}
GST_END_TEST

GST_START_TEST(noReconnectMeansAnError) {
    const auto program = camera();
    Player player(source(program->url, "reconnect=false") + decoded);
    player.play();
    player.expectBuffers("out", 5);
    program->end();
    player.expectError();
    fail_unless(player.error.find("stopped sending") != std::string::npos, "%s",
                player.error.c_str());
    fail_unless_equals_int(player.told["onvif-offline"], 0);
}
GST_END_TEST

GST_START_TEST(givesUpAfterMaxReconnects) {
    const auto program = camera();
    Player player(source(program->url, "max-reconnects=2") + decoded);
    player.play();
    player.expectBuffers("out", 5);
    program->end();
    player.expectError();
    fail_unless(player.error.find("did not come back in 2 tries") != std::string::npos, "%s",
                player.error.c_str());
    fail_unless_equals_int(player.told["onvif-offline"], 2);
}
GST_END_TEST

GST_START_TEST(waitsForACameraThatIsNotThereYet) {
    auto program = camera();
    program->end();
    Player player(source(program->url, "wait-for-camera=true") + decoded);
    player.play();
    player.expectMessage("onvif-offline", 3);
    program->startAgain();
    player.expectMessage("onvif-online");
    player.expectBuffers("out", 5);
}
GST_END_TEST

/// The user's end is none of the camera's, whether the camera is there or not.
GST_START_TEST(endsWhenTheUserSaysSo) {
    const bool away = __i__;
    const auto program = camera();
    Player player(source(program->url) + decoded);
    player.play();
    player.expectBuffers("out", 5);
    if (away) {
        program->end();
        player.expectMessage("onvif-offline");
    }
    player.sendEnd();
    player.expectEnd();
    player.stop();
}
GST_END_TEST

/// Nor is the end that downstream asks for.
GST_START_TEST(endsWhenDownstreamHasEnough) {
    const auto program = camera();
    Player player(source(program->url) + "! rtph264depay ! fakesink num-buffers=5 sync=false");
    player.play();
    player.expectEnd();
    fail_unless_equals_int(player.told["onvif-offline"], 0);
}
GST_END_TEST

/// Paused for longer than the timeout: nothing is sent, and nothing is missed.
GST_START_TEST(pauseIsNoLoss) {
    const auto program = camera();
    Player player(source(program->url, "timeout=3000") + decoded);
    player.play();
    player.expectBuffers("out", 5);
    player.pause();
    g_usleep(5 * G_USEC_PER_SEC);
    player.play();
    expectMore(player);
    fail_unless_equals_int(player.told["onvif-offline"], 0);
}
GST_END_TEST

static Suite* onvifsrcreconnect_suite() {
    Suite* suite = suite_create("onvifsrcreconnect");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, goesOnAfterARestart);
    tcase_add_test(tests, goesOnWithOtherCaps);
    tcase_add_loop_test(tests, goesOnAfterASilence, 0, 2);
    tcase_add_loop_test(tests, goesOnWhenOneTrackStops, 0, 2);
    tcase_add_test(tests, anotherCodecIsAnError);
    tcase_add_test(tests, goesOnWhenHungUpOn);
    tcase_add_test(tests, goesOnWhenReset);
    tcase_add_test(tests, wrongPasswordIsNotTriedAgain);
    tcase_add_test(tests, noReconnectMeansAnError);
    tcase_add_test(tests, givesUpAfterMaxReconnects);
    tcase_add_test(tests, waitsForACameraThatIsNotThereYet);
    tcase_add_loop_test(tests, endsWhenTheUserSaysSo, 0, 2);
    tcase_add_test(tests, endsWhenDownstreamHasEnough);
    tcase_add_test(tests, pauseIsNoLoss);
    return suite;
}

GST_CHECK_MAIN(onvifsrcreconnect);
