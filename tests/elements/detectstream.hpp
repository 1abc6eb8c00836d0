#pragma once

// What the tests of yolodetect share: drawn frames through a launch line, and what is known of
// them.
#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"
#include "support/scene.hpp"
#include "support/scenepainter.hpp"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <chrono>
#include <memory>
#include <string>

namespace detectstream {

using glue::Ref;

constexpr int width = 640, height = 360;
inline std::string models() { return std::string(g_getenv("VIDEO_STREAM_BUILD_DIR")) + "/models/"; }

inline std::string detector(const std::string& more = "") {
    return "yolodetect name=detect model=" + models() + "shapes.onnx " + more;
}

/// A harness around a launch line that ends in yolodetect; drawn frames go in as I420.
class Stream {
public:
    explicit Stream(const std::string& line) : harness_(gst_harness_new_parse(line.c_str())) {
        fail_unless(harness_ != nullptr);
        bus_.reset(gst_bus_new());
        const Ref<GstElement> found(gst_harness_find_element(harness_, "yolodetect"));
        gst_element_set_bus(found.get(), bus_.get());
    }
    ~Stream() { gst_harness_teardown(harness_); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    GstHarness* harness() { return harness_; }
    Ref<GstElement> element() {
        return Ref<GstElement>(gst_harness_find_element(harness_, "yolodetect"));
    }
    GstBus* bus() { return bus_.get(); }

    void setSize(int w, int h) {
        painter_.reset(new camera::ScenePainter(w, h, 25));
        width_ = w;
        height_ = h;
        char* caps = g_strdup_printf(
            "video/x-raw,format=I420,width=%d,height=%d,framerate=25/1,colorimetry=bt601", w, h);
        gst_harness_set_src_caps_str(harness_, caps);
        g_free(caps);
    }

    Ref<GstBuffer> paint(std::uint64_t number) {
        if (!painter_)
            setSize(width, height);
        Ref<GstBuffer> buffer(gst_buffer_new_allocate(
            nullptr, static_cast<gsize>(width_ * height_ * 3 / 2), nullptr));
        GstMapInfo map;
        gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE);
        base::WritableFrame frame;
        frame.width = width_;
        frame.height = height_;
        std::uint8_t* u = map.data + width_ * height_;
        frame.planes = {map.data, u, u + width_ * height_ / 4};
        frame.strides = {width_, width_ / 2, width_ / 2};
        painter_->paint(number, "test", frame);
        gst_buffer_unmap(buffer.get(), &map);
        GST_BUFFER_PTS(buffer.get()) = number * GST_SECOND / 25;
        GST_BUFFER_DURATION(buffer.get()) = GST_SECOND / 25;
        return buffer;
    }

    Ref<GstBuffer> pass(std::uint64_t number) {
        fail_unless_equals_int(gst_harness_push(harness_, paint(number).release()), GST_FLOW_OK);
        return Ref<GstBuffer>(gst_harness_pull(harness_));
    }

    /// What goes with frame `number`; fails when there is no word of it.
    base::Detections detect(std::uint64_t number) {
        const auto found = glue::detectionsOf(pass(number).get());
        fail_unless(found.has_value());
        return *found;
    }

    /// Frames at some pace until their detections please, at most for two minutes.
    template <class Pleases>
    base::Detections until(std::uint64_t& number, Pleases pleases) {
        for (int i = 0; i < 12000; i++) {
            const auto found = glue::detectionsOf(pass(number++).get());
            if (found && pleases(*found))
                return *found;
            g_usleep(10000);
        }
        fail("it never came");
        return {};
    }

private:
    GstHarness* harness_;
    Ref<GstBus> bus_;
    std::unique_ptr<camera::ScenePainter> painter_;
    int width_ = 0, height_ = 0;
};

/// Each sign once, where frame `number` has it.
inline void assertSigns(const base::Detections& found, std::uint64_t number, double aspect,
                        const char* what) {
    const auto truth = camera::objectsAt(number, 25, aspect);
    fail_unless(found.objects.size() == truth.size(), "%s: %d objects", what,
                int(found.objects.size()));
    for (const base::Detection& sign : truth) {
        bool there = false;
        for (const base::Detection& d : found.objects)
            there = there || (d.label == sign.label && d.classId == sign.classId &&
                              base::overlap(d.box, sign.box) > 0.75);
        fail_unless(there, "%s: no %s where it is", what, sign.label.c_str());
    }
}

/// The frame that detections on frame `number` come from.
inline std::uint64_t inferredAt(std::uint64_t number, const base::Detections& d) {
    return number - static_cast<std::uint64_t>(d.age.count()) * 25 / GST_SECOND;
}

inline void assertSays(const std::string& text, const char* word) {
    fail_unless(text.find(word) != text.npos, "'%s' does not say '%s'", text.c_str(), word);
}

template <class Number>
Number stat(GstElement* element, const char* name, GType type) {
    GstStructure* stats = nullptr;
    g_object_get(element, "stats", &stats, nullptr);
    const Ref<GstStructure> owned(stats);
    Number value{};
    fail_unless(gst_structure_get(stats, name, type, &value, nullptr), "no %s", name);
    return value;
}

/// What `model-info` says in one line.
inline std::string aboutModel(GstElement* element) {
    GstStructure* info = nullptr;
    g_object_get(element, "model-info", &info, nullptr);
    fail_unless(info != nullptr);
    const Ref<GstStructure> owned(info);
    return gst_structure_get_string(info, "info");
}

} // namespace detectstream
