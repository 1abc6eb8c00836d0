// Frames through dnnfilter: what comes out, in every layout, and that live video does not wait.
#include "glue/ref.hpp"

#include <gst/video/video.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

// Last: Check makes a macro of `fail`, which is a word of the streams.
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

using glue::Ref;
using namespace std::chrono_literals;

namespace {

std::string modelCalled(const std::string& name) {
    const char* build = std::getenv("VIDEO_STREAM_BUILD_DIR");
    fail_unless(build != nullptr, "run me with meson test");
    return std::string(build) + "/models/" + name + ".onnx";
}

constexpr const char* formats[] = {"I420", "NV12", "BGR", "RGB", "BGRx", "RGBx", "BGRA", "RGBA"};

/// A harness with the element, which is pushed frames of one grey.
class Filter {
public:
    Filter(const std::string& model, const std::string& settings, const char* format, int width,
           int height)
        : harness_(gst_harness_new_parse(
              ("dnnfilter model=" + modelCalled(model) + " " + settings).c_str())) {
        element_.reset(gst_harness_find_element(harness_, "dnnfilter"));
        gst_video_info_set_format(&info_, gst_video_format_from_string(format),
                                  static_cast<guint>(width), static_cast<guint>(height));
        GST_VIDEO_INFO_FPS_N(&info_) = 25;
        info_.colorimetry.range = GST_VIDEO_COLOR_RANGE_0_255;
        gst_harness_set_src_caps(harness_, gst_video_info_to_caps(&info_));
    }
    ~Filter() { gst_harness_teardown(harness_); }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    /// The first byte of what comes out for a frame of that byte, chroma grey.
    int pass(guint8 level) {
        GstBuffer* in = gst_buffer_new_allocate(nullptr, info_.size, nullptr);
        const bool yuv = GST_VIDEO_INFO_IS_YUV(&info_);
        const gsize luma = yuv ? info_.offset[1] : info_.size;
        gst_buffer_memset(in, 0, level, luma);
        gst_buffer_memset(in, luma, 128, info_.size - luma);
        GST_BUFFER_PTS(in) = pts_ += 40 * GST_MSECOND;
        const Ref<GstBuffer> out(gst_harness_push_and_pull(harness_, in));
        fail_unless(out != nullptr);
        fail_unless_equals_uint64(GST_BUFFER_PTS(out.get()), pts_);
        fail_unless_equals_uint64(gst_buffer_get_size(out.get()), info_.size);
        guint8 byte = 0;
        gst_buffer_extract(out.get(), 0, &byte, 1);
        return byte;
    }
    guint64 stat(const char* name) const {
        GstStructure* stats = nullptr;
        g_object_get(element_.get(), "stats", &stats, nullptr);
        const Ref<GstStructure> owned(stats);
        guint64 value = 0;
        fail_unless(gst_structure_get_uint64(stats, name, &value), "no %s in stats", name);
        return value;
    }
    GstHarness* harness() { return harness_; }
    GstElement* element() { return element_.get(); }

private:
    GstHarness* harness_;
    Ref<GstElement> element_;
    GstVideoInfo info_{};
    GstClockTime pts_ = 0;
};

std::string refusal(const std::string& line) {
    const Ref<GstElement> pipeline(
        gst_parse_launch(("videotestsrc ! " + line + " ! fakesink").c_str(), nullptr));
    gst_object_ref_sink(pipeline.get());
    fail_unless_equals_int(gst_element_set_state(pipeline.get(), GST_STATE_PAUSED),
                           GST_STATE_CHANGE_FAILURE);
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    const Ref<GstMessage> message(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    fail_unless(message != nullptr);
    GError* error = nullptr;
    gst_message_parse_error(message.get(), &error, nullptr);
    const Ref<GError> owned(error);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return error->message;
}

} // namespace

GST_START_TEST(everyFrameInEveryFormat) {
    for (const char* format : formats) {
        Filter filter("filters/negative", "", format, 101, 67);
        for (const int level : {0, 60, 200, 255}) {
            const int got = filter.pass(static_cast<guint8>(level));
            fail_unless(std::abs(got - (255 - level)) <= 2, "%s: %d of %d", format, got, level);
        }
        fail_unless_equals_uint64(filter.stat("frames"), 4);
        fail_unless_equals_uint64(filter.stat("filtered"), 4);
    }
}
GST_END_TEST

GST_START_TEST(liveShowsTheLatest) {
    Filter filter("filters/negative", "mode=live", "I420", 64, 64);
    // Frames go on as they are until there is an answer, and with it from then on.
    const auto end = std::chrono::steady_clock::now() + 60s;
    int got = filter.pass(20);
    fail_unless(got == 20 || std::abs(got - 235) <= 2, "%d", got);
    while (std::abs(got - 235) > 2) {
        fail_unless(got == 20, "%d", got);
        fail_unless(std::chrono::steady_clock::now() < end, "no answer came");
        std::this_thread::sleep_for(2ms);
        got = filter.pass(20);
    }
    fail_unless(filter.stat("filtered") >= 1);
    // The next ones show that answer until there is a newer one.
    do {
        fail_unless(std::chrono::steady_clock::now() < end, "the old answer stays");
        got = filter.pass(200);
        fail_unless(std::abs(got - 235) <= 2 || std::abs(got - 55) <= 2, "%d", got);
    } while (std::abs(got - 55) > 2);
    fail_unless(filter.stat("frames") >= filter.stat("filtered") + filter.stat("repeated"));
    fail_unless(filter.stat("filtered") >= 2);
}
GST_END_TEST

/// A frame of this size is hundreds of inferences, and the video does not wait for them.
GST_START_TEST(liveDoesNotWait) {
    Filter filter("filters/blur", "mode=live", "I420", 1920, 1080);
    for (int i = 0; i < 60; i++)
        filter.pass(100);
    fail_unless(filter.stat("filtered") < 60, "each frame was waited for");
    fail_unless_equals_uint64(filter.stat("frames"), 60);
}
GST_END_TEST

GST_START_TEST(sizesChange) {
    for (const char* mode : {"mode=every", "mode=live"}) {
        Filter filter("filters/identity", std::string("tile-size=64 ") + mode, "RGB", 100, 80);
        fail_unless_equals_int(filter.pass(50), 50);
        gst_harness_set_src_caps_str(filter.harness(),
                                     "video/x-raw,format=RGB,width=20,height=10,framerate=25/1");
        for (int i = 0; i < 20; i++) {
            GstBuffer* in = gst_buffer_new_allocate(nullptr, 600, nullptr);
            gst_buffer_memset(in, 0, 77, 600);
            const Ref<GstBuffer> out(gst_harness_push_and_pull(filter.harness(), in));
            guint8 byte = 0;
            gst_buffer_extract(out.get(), 0, &byte, 1);
            fail_unless_equals_int(byte, 77);
        }
    }
}
GST_END_TEST

/// Another network takes over between two frames; one that is none is a warning, and changes
/// nothing.
GST_START_TEST(modelsChangeWhilePlaying) {
    for (const char* mode : {"mode=every", "mode=live"}) {
        Filter filter("filters/negative", std::string("tile-size=64 ") + mode, "RGB", 64, 64);
        const Ref<GstBus> bus(gst_bus_new());
        gst_element_set_bus(filter.element(), bus.get());
        const auto becomes = [&](int wanted) {
            const auto end = std::chrono::steady_clock::now() + 60s;
            while (std::abs(filter.pass(20) - wanted) > 2) {
                fail_unless(std::chrono::steady_clock::now() < end, "%s: not %d", mode, wanted);
                std::this_thread::sleep_for(2ms);
            }
        };
        const auto expect = [&](GstMessageType type) {
            const auto end = std::chrono::steady_clock::now() + 60s;
            for (;;) {
                if (const Ref<GstMessage> message{gst_bus_pop_filtered(bus.get(), type)})
                    return;
                fail_unless(std::chrono::steady_clock::now() < end, "%s: no message", mode);
                filter.pass(20);
                std::this_thread::sleep_for(2ms);
            }
        };
        becomes(235);
        g_object_set(filter.element(), "model", modelCalled("filters/identity").c_str(), nullptr);
        expect(GST_MESSAGE_ELEMENT);
        becomes(20);
        g_object_set(filter.element(), "model", "/nowhere.onnx", nullptr);
        expect(GST_MESSAGE_WARNING);
        becomes(20);
        g_object_set(filter.element(), "model", modelCalled("filters/negative").c_str(), nullptr);
        becomes(235);
        gst_element_set_bus(filter.element(), nullptr);
    }
}
GST_END_TEST

GST_START_TEST(refusalsSayWhatToDo) {
    fail_unless(refusal("dnnfilter").find("set model") != std::string::npos);
    for (const char* name : {"filters/grey", "filters/half", "shapes"}) {
        const std::string said = refusal("dnnfilter model=" + modelCalled(name));
        fail_unless(said.find("set model to a network that does") != std::string::npos, "%s: %s",
                    name, said.c_str());
    }
    fail_unless(!refusal("dnnfilter model=/nowhere.onnx").empty());
}
GST_END_TEST

static Suite* dnnfilter_suite() {
    Suite* suite = suite_create("dnnfilter");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, everyFrameInEveryFormat);
    tcase_add_test(tests, liveShowsTheLatest);
    tcase_add_test(tests, liveDoesNotWait);
    tcase_add_test(tests, sizesChange);
    tcase_add_test(tests, modelsChangeWhilePlaying);
    tcase_add_test(tests, refusalsSayWhatToDo);
    return suite;
}

GST_CHECK_MAIN(dnnfilter);
