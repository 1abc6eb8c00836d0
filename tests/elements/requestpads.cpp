// Pads of sinks that are taken back where buffers wait in them.
#include "glue/ref.hpp"

#include <gst/check/gstcheck.h>
#undef fail

#include <chrono>
#include <future>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using glue::Ref;

namespace {

const std::string picture = "videotestsrc ! video/x-raw,width=64,height=64,framerate=25/1 ! ";
const std::string h264 = picture + "x264enc tune=zerolatency speed-preset=ultrafast ! h264parse ! ";

struct Case {
    const char* pad;
    std::string description;
};
const Case cases[] = {
    {"video_0", h264 + "w.video_0 rtspserversink name=w port=0"},
    {"sink_0", "audiotestsrc ! w.sink_0 retrysink name=w branch=fakesink"},
    {"video_0", h264 + "w.video_0 segmentsink name=w port=0"},
    {"audio_0", "audiotestsrc ! mulawenc ! w.audio_0 whepsink name=w port=0"},
    {"detections_0", picture + "w.detections_0 whepsink name=w port=0"},
};

template <class Condition>
bool soon(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 120s;
    while (!condition() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(10ms);
    return condition();
}

/// A streaming thread is in the pad, which in PAUSED it does not leave.
bool isHeld(GstPad* pad) {
    if (!GST_PAD_STREAM_TRYLOCK(pad))
        return true;
    GST_PAD_STREAM_UNLOCK(pad);
    return false;
}

} // namespace

GST_START_TEST(releaseWhilePaused) {
    const Case& each = cases[__i__];
    Ref<GstElement> pipeline(gst_parse_launch(each.description.c_str(), nullptr));
    gst_object_ref_sink(pipeline.get());
    Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "w"));
    Ref<GstPad> pad(gst_element_get_static_pad(sink.get(), each.pad));
    fail_unless(pad != nullptr, "%s", each.pad);
    gst_element_set_state(pipeline.get(), GST_STATE_PAUSED);
    fail_unless(soon([&] { return isHeld(pad.get()); }), "%s", each.description.c_str());
    const auto released = std::make_shared<std::promise<void>>();
    std::thread([released, sink = sink.get(), pad = pad.get()] {
        gst_element_release_request_pad(sink, pad);
        released->set_value();
    }).detach();
    fail_unless(released->get_future().wait_for(120s) == std::future_status::ready, "%s hangs",
                each.description.c_str());
    const Ref<GstPad> gone(gst_element_get_static_pad(sink.get(), each.pad));
    fail_unless(gone == nullptr);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    GstState state = GST_STATE_NULL;
    gst_element_get_state(pipeline.get(), &state, nullptr, 120 * GST_SECOND);
    fail_unless_equals_int(state, GST_STATE_PLAYING);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
GST_END_TEST;

static Suite* request_pads_suite() {
    Suite* suite = suite_create("requestpads");
    TCase* tests = tcase_create("all");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, releaseWhilePaused, 0, G_N_ELEMENTS(cases));
    return suite;
}

GST_CHECK_MAIN(request_pads);
