/// A recording is played by absolute time.
#include "glue/ref.hpp"
#include "player.hpp"
#include "soapcamera.hpp"
#include "utctime.hpp"
#include "xmlvalue.hpp"

#include <gst/app/gstappsink.h>

#include <algorithm>

using glue::Ref;

namespace {

/// A test picture for any time since 1900.
constexpr const char* recording =
    "( videotestsrc ! video/x-raw,width=320,height=240,framerate=25/1 ! x264enc tune=zerolatency "
    "speed-preset=ultrafast key-int-max=5 ! rtph264pay name=pay0 pt=96 )";

std::string player(const SoapCamera& soap, const std::string& more) {
    return "onvifsrc name=c location=" + soap.url() + " " + more +
           " ! rtph264depay ! h264parse ! avdec_h264 ! appsink name=out sync=false max-buffers=5";
}

std::uint64_t ntp(const char* time) { return onvif::ntpNanoseconds(*onvif::readInstant(time)); }

/// The absolute time of the next decoded picture.
std::uint64_t nextTime(Player& player) {
    const Ref<GstElement> sink = player["out"];
    const Ref<GstSample> sample(
        gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), 120 * GST_SECOND));
    fail_unless(sample != nullptr, "no picture came");
    const Ref<GstCaps> caps(gst_caps_new_empty_simple("timestamp/x-ntp"));
    const GstReferenceTimestampMeta* meta =
        gst_buffer_get_reference_timestamp_meta(gst_sample_get_buffer(sample.get()), caps.get());
    fail_unless(meta != nullptr, "a picture without its time");
    return meta->timestamp;
}

bool near(std::uint64_t a, std::uint64_t b) {
    return std::max(a, b) - std::min(a, b) <= GST_SECOND / 100;
}

/// The first picture at or after a time.
bool follows(std::uint64_t time, std::uint64_t after) {
    return time + GST_SECOND / 100 >= after && time < after + GST_SECOND / 5;
}

bool asked(SoapCamera& soap, const char* method, const char* what) {
    const auto all = soap.rtspRequests();
    return std::any_of(all.begin(), all.end(), [&](const std::string& request) {
        return request.rfind(method, 0) == 0 && request.find(what) != std::string::npos;
    });
}

} // namespace

GST_START_TEST(picturesHaveTheirTime) {
    SoapCamera soap;
    soap.record(recording);
    Player watch(player(soap, "recording=R1 start-time=2026-01-31T12:20:00Z"));
    watch.play();
    const std::uint64_t start = nextTime(watch);
    fail_unless(follows(start, ntp("2026-01-31T12:20:00Z")));
    for (guint64 i = 1; i < 20; i++) {
        const std::uint64_t time = nextTime(watch), due = start + i * (GST_SECOND / 25);
        fail_unless(near(time, due), "picture %d is off by %" G_GINT64_FORMAT " ns",
                    static_cast<int>(i), static_cast<gint64>(time - due));
    }
    fail_unless(asked(soap, "SETUP", "Require=onvif-replay"));
    fail_unless(asked(soap, "PLAY", "Require=onvif-replay"));
    fail_unless(asked(soap, "PLAY", "Range=clock=20260131T122000"));
    fail_unless(asked(soap, "PLAY", "Immediate=yes"));
    fail_unless(asked(soap, "PLAY", "Rate-Control=yes"));
    watch.stop();
}
GST_END_TEST

GST_START_TEST(seeksByWallClock) {
    SoapCamera soap;
    soap.record(recording);
    Player watch(player(soap, "recording=latest"));
    watch.play();
    fail_unless(follows(nextTime(watch), ntp("2026-01-31T12:00:00Z")));
    gboolean taken = FALSE;
    g_signal_emit_by_name(watch["c"].get(), "replay-seek", "2026-01-31T12:45:30Z", 1.0, &taken);
    fail_unless(taken);
    const std::uint64_t target = ntp("2026-01-31T12:45:30Z");
    std::uint64_t time = 0;
    for (int i = 0; i < 500 && time < target - GST_SECOND; i++)
        time = nextTime(watch);
    fail_unless(follows(time, target), "it went on at %s",
                onvif::exactUtcText(onvif::fromNtpNanoseconds(time)).c_str());
    g_signal_emit_by_name(watch["c"].get(), "replay-seek", "tomorrow", 1.0, &taken);
    fail_if(taken);
    watch.stop();
}
GST_END_TEST

GST_START_TEST(recordingComesToItsEnd) {
    SoapCamera soap;
    soap.record(recording);
    Player watch("onvifsrc timeout=5000 location=" + soap.url() +
                 " recording=door start-time=2026-01-31T12:20:00Z "
                 "stop-time=2026-01-31T12:20:02Z ! fakesink");
    watch.play();
    watch.expectErrorOrEnd();
    fail_unless(watch.error.empty(), "%s", watch.error.c_str());
    fail_unless_equals_int(soap.count("GetReplayUri"), 1);
    watch.stop();
}
GST_END_TEST

GST_START_TEST(errorsSayWhatToDo) {
    const struct {
        const char *settings, *expected;
    } cases[] = {{"recording=R9", "R1 (Door"}, {"recording=R1 start-time=yesterday", "start-time"}};
    for (const auto& wrong : cases) {
        SoapCamera soap;
        soap.record(recording);
        Player watch(player(soap, wrong.settings));
        watch.play();
        watch.expectError();
        fail_unless(watch.error.find(wrong.expected) != std::string::npos, "%s",
                    watch.error.c_str());
    }
}
GST_END_TEST

static Suite* onvifreplay_suite() {
    Suite* suite = suite_create("onvifreplay");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, picturesHaveTheirTime);
    tcase_add_test(tests, seeksByWallClock);
    tcase_add_test(tests, recordingComesToItsEnd);
    tcase_add_test(tests, errorsSayWhatToDo);
    return suite;
}

GST_CHECK_MAIN(onvifreplay);
