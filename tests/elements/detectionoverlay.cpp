#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

using glue::Ref;

namespace {

constexpr int width = 161, height = 121;
constexpr const char* formats[] = {"I420", "NV12", "YUY2", "BGR", "RGB",
                                   "BGRx", "RGBx", "BGRA", "RGBA"};

/// The object's edges. A line two pixels wide lies on them, and the lower one covers whole chroma
/// samples.
constexpr int left = 40, top = 50, right = 121, bottom = 91;

base::Detections someone(std::string label = "person") {
    base::Detection d;
    d.box = {1.0 * left / width, 1.0 * top / height, 1.0 * (right - left) / width,
             1.0 * (bottom - top) / height};
    d.score = 0.9f;
    d.classId = 0;
    d.label = std::move(label);
    return {{d}, {}, "test"};
}

GstVideoInfo infoOf(const char* format, int w = width, int h = height) {
    GstVideoInfo info;
    gst_video_info_set_format(&info, gst_video_format_from_string(format), w, h);
    return info;
}

/// A harness with the element playing on frames of that format.
class Overlay {
public:
    explicit Overlay(const GstVideoInfo& info, const char* line = "detectionoverlay line-width=2")
        : harness_(gst_harness_new_parse(line)) {
        setCaps(info);
    }
    ~Overlay() { gst_harness_teardown(harness_); }
    Overlay(const Overlay&) = delete;
    Overlay& operator=(const Overlay&) = delete;

    void setCaps(GstVideoInfo info) {
        GST_VIDEO_INFO_FPS_N(&info) = 30;
        gst_harness_set_src_caps(harness_, gst_video_info_to_caps(&info));
    }
    GstFlowReturn push(Ref<GstBuffer> buffer) {
        return gst_harness_push(harness_, buffer.release());
    }
    Ref<GstBuffer> pass(Ref<GstBuffer> buffer) {
        fail_unless_equals_int(push(std::move(buffer)), GST_FLOW_OK);
        return Ref<GstBuffer>(gst_harness_pull(harness_));
    }
    Ref<GstElement> element() {
        return Ref<GstElement>(gst_harness_find_element(harness_, "detectionoverlay"));
    }

private:
    GstHarness* harness_;
};

Ref<GstBuffer> noise(gsize size) {
    Ref<GstBuffer> buffer(gst_buffer_new_allocate(nullptr, size, nullptr));
    GstMapInfo map;
    gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE);
    unsigned seed = 7;
    for (gsize i = 0; i < map.size; i++) {
        seed = seed * 1664525 + 1013904223;
        map.data[i] = static_cast<guint8>(seed >> 24);
    }
    gst_buffer_unmap(buffer.get(), &map);
    return buffer;
}

std::vector<guint8> bytesOf(GstBuffer* buffer) {
    std::vector<guint8> bytes(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    return bytes;
}

/// Frame bytes by component and pixel, whatever the format.
const guint8& sample(const GstVideoInfo& info, const std::vector<guint8>& bytes, guint component,
                     int x, int y) {
    const gsize row = static_cast<gsize>(y) >> GST_VIDEO_FORMAT_INFO_H_SUB(info.finfo, component);
    const gsize column =
        static_cast<gsize>(x) >> GST_VIDEO_FORMAT_INFO_W_SUB(info.finfo, component);
    return bytes[GST_VIDEO_INFO_COMP_OFFSET(&info, component) +
                 row * static_cast<gsize>(GST_VIDEO_INFO_COMP_STRIDE(&info, component)) +
                 column * static_cast<gsize>(GST_VIDEO_INFO_COMP_PSTRIDE(&info, component))];
}

/// Marks the bytes that an overlay may have changed: box, shadow and tab, with a chroma sample's
/// reach.
std::vector<bool> touchable(const GstVideoInfo& info, gsize size) {
    std::vector<bool> may(size, false);
    std::vector<guint8> index(size);
    const guint8* start = index.data();
    const guint colors =
        GST_VIDEO_INFO_N_COMPONENTS(&info) < 4 ? GST_VIDEO_INFO_N_COMPONENTS(&info) : 3;
    for (guint c = 0; c < colors; c++)
        for (int y = top - 24; y < bottom + 4; y++)
            for (int x = left - 4; x < right + 4; x++) {
                const bool hole = x > left + 5 && x < right - 6 && y > top + 5 && y < bottom - 6;
                if (!hole)
                    may[static_cast<gsize>(&sample(info, index, c, x, y) - start)] = true;
            }
    return may;
}

void assertDrawn(const GstVideoInfo& info, const std::vector<guint8>& before,
                 const std::vector<guint8>& after) {
    fail_unless_equals_int(before.size(), after.size());
    const std::vector<bool> may = touchable(info, before.size());
    for (gsize i = 0; i < before.size(); i++)
        if (!may[i])
            fail_unless(before[i] == after[i], "byte %zu", static_cast<size_t>(i));
    for (guint c = 0; c < 3; c++)
        for (int x = left; x < right; x++)
            for (const int y : {bottom - 1, bottom})
                fail_unless_equals_int(sample(info, after, c, x, y),
                                       sample(info, after, c, 80, bottom));
}

} // namespace

/// Class 0 is the palette's red; checked loosely, the canvas's own test does the arithmetic.
static void assertReddish(const GstVideoInfo& info, const std::vector<guint8>& after) {
    const auto at = [&](guint c) { return static_cast<int>(sample(info, after, c, 80, bottom)); };
    if (GST_VIDEO_INFO_IS_RGB(&info)) {
        fail_unless(at(0) > 200 && at(1) < 120 && at(2) < 120);
        return;
    }
    fail_unless(at(0) > 90 && at(0) < 170);
    fail_unless(sample(info, after, 2, 80, bottom) > 150);
}

GST_START_TEST(drawsInPlace) {
    const GstVideoInfo info = infoOf(formats[__i__]);
    Overlay overlay(info);
    Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
    glue::attachDetections(buffer.get(), someone(), width, height);
    const std::vector<guint8> before = bytesOf(buffer.get());
    GstBuffer* const same = buffer.get();
    const Ref<GstBuffer> out = overlay.pass(std::move(buffer));
    fail_unless(out.get() == same, "a writable frame was copied");
    assertDrawn(info, before, bytesOf(out.get()));
    assertReddish(info, bytesOf(out.get()));
    fail_unless(glue::detectionsOf(out.get()).has_value());
}
GST_END_TEST

/// Decoders and cameras pad rows and planes as they like, and say so with a GstVideoMeta.
GST_START_TEST(paddedFrames) {
    const GstVideoInfo info = infoOf(formats[__i__]);
    GstVideoInfo padded = info;
    GstVideoAlignment align;
    gst_video_alignment_reset(&align);
    align.padding_left = align.padding_top = 8;
    align.padding_right = 26;
    align.padding_bottom = 6;
    fail_unless(gst_video_info_align(&padded, &align));
    Overlay overlay(info);
    Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&padded));
    gst_buffer_add_video_meta_full(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE,
                                   GST_VIDEO_INFO_FORMAT(&info), width, height,
                                   GST_VIDEO_INFO_N_PLANES(&info), padded.offset, padded.stride);
    glue::attachDetections(buffer.get(), someone(), width, height);
    const std::vector<guint8> before = bytesOf(buffer.get());
    const Ref<GstBuffer> out = overlay.pass(std::move(buffer));
    assertDrawn(padded, before, bytesOf(out.get()));
    assertReddish(padded, bytesOf(out.get()));
}
GST_END_TEST

/// The promise that makes it free where nothing happens: not even a shared buffer is copied.
GST_START_TEST(nothingToDrawPassesTheBuffer) {
    const GstVideoInfo info = infoOf("I420");
    Overlay overlay(info, "detectionoverlay classes=dog");
    const base::Detections nobody{{}, {}, "test"}, person = someone();
    for (const base::Detections* detections :
         {static_cast<const base::Detections*>(nullptr), &nobody, &person}) {
        Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
        if (detections)
            glue::attachDetections(buffer.get(), *detections, width, height);
        const std::vector<guint8> before = bytesOf(buffer.get());
        const Ref<GstBuffer> held = glue::share(buffer.get());
        const Ref<GstBuffer> out = overlay.pass(std::move(buffer));
        fail_unless(out.get() == held.get(), "a frame with nothing to draw was copied");
        fail_unless(bytesOf(out.get()) == before);
    }
}
GST_END_TEST

GST_START_TEST(sharedFramesStayAsTheyWere) {
    const GstVideoInfo info = infoOf("NV12");
    Overlay overlay(info);
    Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
    GST_BUFFER_PTS(buffer.get()) = 12345;
    glue::attachDetections(buffer.get(), someone(), width, height);
    const std::vector<guint8> before = bytesOf(buffer.get());
    const Ref<GstBuffer> held = glue::share(buffer.get());
    const Ref<GstBuffer> out = overlay.pass(std::move(buffer));
    fail_unless(out.get() != held.get());
    fail_unless(bytesOf(held.get()) == before, "another holder's pixels changed");
    assertDrawn(info, before, bytesOf(out.get()));
    fail_unless_equals_uint64(GST_BUFFER_PTS(out.get()), 12345);
    fail_unless(glue::detectionsOf(out.get()).has_value());
}
GST_END_TEST

/// Whoever draws over the picture leaves out what is in it; another holder's frame is as it was.
GST_START_TEST(saysWhatItHasDrawn) {
    const GstVideoInfo info = infoOf("I420");
    Overlay overlay(info);
    const auto drawn = [&](const char* settings) {
        gst_util_set_object_arg(G_OBJECT(overlay.element().get()), "classes", "person");
        gst_util_set_object_arg(G_OBJECT(overlay.element().get()), "opacity", settings);
        base::Detections two = someone();
        two.objects.push_back(someone("dog").objects[0]);
        Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
        glue::attachDetections(buffer.get(), two, width, height);
        const Ref<GstBuffer> held = glue::share(buffer.get());
        const auto after = glue::detectionsOf(overlay.pass(std::move(buffer)).get());
        const auto before = glue::detectionsOf(held.get());
        for (const base::Detection& object : before->objects)
            fail_if(object.drawn, "what others hold has been marked");
        fail_unless_equals_int(after->objects.size(), 2);
        fail_if(after->objects[1].drawn, "the dog was left out");
        return after->objects[0].drawn;
    };
    fail_unless(drawn("1"));
    fail_unless(drawn("0.5"));
    fail_if(drawn("0"), "nothing is drawn");
}
GST_END_TEST

GST_START_TEST(regionsOfOtherDetectors) {
    const GstVideoInfo info = infoOf("I420");
    Overlay overlay(info);
    Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
    auto* region = gst_buffer_add_video_region_of_interest_meta(buffer.get(), "person", left, top,
                                                                right - left, bottom - top);
    gst_video_region_of_interest_meta_add_param(
        region, gst_structure_new("detection", "confidence", G_TYPE_DOUBLE, 0.5, "label_id",
                                  G_TYPE_INT, 0, nullptr));
    const std::vector<guint8> before = bytesOf(buffer.get());
    const Ref<GstBuffer> out = overlay.pass(std::move(buffer));
    assertDrawn(info, before, bytesOf(out.get()));
    assertReddish(info, bytesOf(out.get()));
}
GST_END_TEST

/// Names come from cameras, model files and networks.
GST_START_TEST(hostileNames) {
    const GstVideoInfo info = infoOf("YUY2");
    Overlay overlay(info);
    std::string pile = "a";
    for (int i = 0; i < 5000; i++)
        pile += "\u0301";
    for (const std::string& name : {std::string("\xff\xfe\x80"), std::string(100000, 'W'),
                                    std::string("\x1b]0;x\a\r\n\u202E"), pile,
                                    std::string("<b>&lt;%s%n</b>"), std::string()}) {
        Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
        gst_buffer_add_video_region_of_interest_meta(buffer.get(), name.c_str(), left, top,
                                                     right - left, bottom - top);
        const std::vector<guint8> before = bytesOf(buffer.get());
        fail_if(bytesOf(overlay.pass(std::move(buffer)).get()) == before);
    }
    Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
    gst_buffer_add_video_region_of_interest_meta(buffer.get(), "far", G_MAXUINT, G_MAXUINT,
                                                 G_MAXUINT, G_MAXUINT);
    const std::vector<guint8> before = bytesOf(buffer.get());
    fail_unless(bytesOf(overlay.pass(std::move(buffer)).get()) == before);
}
GST_END_TEST

GST_START_TEST(propertiesChangeWhilePlaying) {
    const GstVideoInfo info = infoOf("RGB");
    Overlay overlay(info);
    const Ref<GstElement> element = overlay.element();
    const auto lineAfter = [&](const char* property, const char* value) {
        gst_util_set_object_arg(G_OBJECT(element.get()), property, value);
        Ref<GstBuffer> buffer(
            gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr));
        gst_buffer_memset(buffer.get(), 0, 0, GST_VIDEO_INFO_SIZE(&info));
        glue::attachDetections(buffer.get(), someone(), width, height);
        const std::vector<guint8> after = bytesOf(overlay.pass(std::move(buffer)).get());
        std::vector<int> rgb;
        for (guint c = 0; c < 3; c++)
            rgb.push_back(sample(info, after, c, 80, bottom));
        return rgb;
    };
    fail_unless(lineAfter("color", "0xff0a141e") == std::vector<int>({10, 20, 30}));
    fail_unless(lineAfter("font", "Serif Italic 12") == std::vector<int>({10, 20, 30}));
    fail_unless(lineAfter("classes", "dog") == std::vector<int>({0, 0, 0}));
    fail_unless(lineAfter("classes", "person") == std::vector<int>({10, 20, 30}));
    fail_unless(lineAfter("opacity", "0.5") == std::vector<int>({5, 10, 15}));
    fail_unless(lineAfter("color", "0") != std::vector<int>({5, 10, 15}));
}
GST_END_TEST

GST_START_TEST(capsChangeInTheStream) {
    Overlay overlay(infoOf("I420"));
    for (const auto& [format, w, h] :
         {std::tuple("NV12", 64, 48), {"BGRA", 1, 1}, {"I420", 1280, 719}}) {
        const GstVideoInfo info = infoOf(format, w, h);
        overlay.setCaps(info);
        Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
        glue::attachDetections(buffer.get(), someone(), w, h);
        const std::vector<guint8> before = bytesOf(buffer.get());
        fail_if(bytesOf(overlay.pass(std::move(buffer)).get()) == before);
    }
}
GST_END_TEST

/// Started and stopped again and again, the element works as on the first day.
GST_START_TEST(restarts) {
    const GstVideoInfo info = infoOf("I420");
    Overlay overlay(info);
    const Ref<GstElement> element = overlay.element();
    for (int i = 0; i < 3; i++) {
        fail_unless_equals_int(gst_element_set_state(element.get(), GST_STATE_NULL),
                               GST_STATE_CHANGE_SUCCESS);
        fail_unless_equals_int(gst_element_set_state(element.get(), GST_STATE_PLAYING),
                               GST_STATE_CHANGE_SUCCESS);
        overlay.setCaps(info);
        Ref<GstBuffer> buffer = noise(GST_VIDEO_INFO_SIZE(&info));
        glue::attachDetections(buffer.get(), someone(), width, height);
        const std::vector<guint8> before = bytesOf(buffer.get());
        assertDrawn(info, before, bytesOf(overlay.pass(std::move(buffer)).get()));
    }
}
GST_END_TEST

GST_START_TEST(framesTooSmallAreAnError) {
    const GstVideoInfo info = infoOf("I420");
    Overlay overlay(info);
    const Ref<GstElement> element = overlay.element();
    const Ref<GstBus> bus(gst_bus_new());
    gst_element_set_bus(element.get(), bus.get());
    Ref<GstBuffer> buffer = noise(100);
    glue::attachDetections(buffer.get(), someone(), width, height);
    fail_unless_equals_int(overlay.push(std::move(buffer)), GST_FLOW_ERROR);
    const Ref<GstMessage> message(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    fail_unless(message != nullptr);
    gst_element_set_bus(element.get(), nullptr);
}
GST_END_TEST

static Suite* detectionoverlay_suite() {
    glue::registerDetectionMeta();
    Suite* suite = suite_create("detectionoverlay");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    const int formatCount = static_cast<int>(std::size(formats));
    tcase_add_loop_test(tests, drawsInPlace, 0, formatCount);
    tcase_add_loop_test(tests, paddedFrames, 0, formatCount);
    tcase_add_test(tests, nothingToDrawPassesTheBuffer);
    tcase_add_test(tests, sharedFramesStayAsTheyWere);
    tcase_add_test(tests, saysWhatItHasDrawn);
    tcase_add_test(tests, regionsOfOtherDetectors);
    tcase_add_test(tests, hostileNames);
    tcase_add_test(tests, propertiesChangeWhilePlaying);
    tcase_add_test(tests, capsChangeInTheStream);
    tcase_add_test(tests, restarts);
    tcase_add_test(tests, framesTooSmallAreAnError);
    return suite;
}

GST_CHECK_MAIN(detectionoverlay);
