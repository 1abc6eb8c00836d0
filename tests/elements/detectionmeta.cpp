#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/gstvideometa.h>

using glue::Ref;

static base::Detections sample() {
    base::Detections d;
    d.objects.push_back({{0.1, 0.2, 0.3, 0.4}, 0.9f, 2, "car", 7});
    d.objects.push_back({{0.5, 0.5, 0.25, 0.25}, 0.5f, 0, "người đi bộ", 0});
    d.objects[0].keyPoints = {{{0.15, 0.25}, 0.75f}, {{0.2, 0.3}, 0}};
    d.objects[0].corners = {{0.1, 0.3}, {0.3, 0.2}, {0.4, 0.5}, {0.2, 0.6}};
    d.objects[1].mask = std::make_shared<base::Mask>(base::Mask{3, 2, {0, 255, 7, 1, 128, 254}});
    d.age = std::chrono::milliseconds(40);
    d.source = "yolodetect0";
    return d;
}

static void assertSame(const base::Detections& found) {
    const base::Detections expected = sample();
    fail_unless_equals_int(found.objects.size(), expected.objects.size());
    for (size_t i = 0; i < found.objects.size(); i++) {
        const base::Detection &a = found.objects[i], &b = expected.objects[i];
        fail_unless_equals_string(a.label.c_str(), b.label.c_str());
        fail_unless_equals_int(a.classId, b.classId);
        fail_unless_equals_int64(a.trackId, b.trackId);
        fail_unless_equals_float(a.score, b.score);
        fail_unless_equals_float(a.box.x, b.box.x);
        fail_unless_equals_float(a.box.height, b.box.height);
        fail_unless_equals_int(a.keyPoints.size(), b.keyPoints.size());
        for (size_t k = 0; k < a.keyPoints.size(); k++) {
            fail_unless_equals_float(a.keyPoints[k].at.y, b.keyPoints[k].at.y);
            fail_unless_equals_float(a.keyPoints[k].score, b.keyPoints[k].score);
        }
        fail_unless_equals_int(a.corners.size(), b.corners.size());
        for (size_t k = 0; k < a.corners.size(); k++)
            fail_unless_equals_float(a.corners[k].x, b.corners[k].x);
        fail_unless_equals_int(a.mask != nullptr, b.mask != nullptr);
        if (a.mask) {
            fail_unless_equals_int(a.mask->width, b.mask->width);
            fail_unless(a.mask->cover == b.mask->cover);
        }
    }
    fail_unless_equals_int64(found.age.count(), expected.age.count());
    fail_unless_equals_string(found.source.c_str(), expected.source.c_str());
}

GST_START_TEST(roundTrip) {
    glue::registerDetectionMeta();
    glue::registerDetectionMeta();
    Ref<GstBuffer> buffer(gst_buffer_new());
    fail_if(glue::detectionsOf(buffer.get()).has_value());
    glue::attachDetections(buffer.get(), sample(), 640, 480);
    glue::attachDetections(buffer.get(), sample(), 640, 480); // replaces, does not add
    assertSame(*glue::detectionsOf(buffer.get()));
    fail_unless_equals_int(
        gst_buffer_get_n_meta(buffer.get(), GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE), 2);
}
GST_END_TEST

GST_START_TEST(regionsForOthers) {
    glue::registerDetectionMeta();
    Ref<GstBuffer> buffer(gst_buffer_new());
    glue::attachDetections(buffer.get(), sample(), 640, 480);
    auto* region = gst_buffer_get_video_region_of_interest_meta_id(buffer.get(), 1);
    fail_unless(region != nullptr);
    fail_unless_equals_string(g_quark_to_string(region->roi_type), "car");
    fail_unless_equals_int(region->x, 64);
    fail_unless_equals_int(region->y, 96);
    fail_unless_equals_int(region->w, 192);
    fail_unless_equals_int(region->h, 192);
    double confidence = 0;
    gst_structure_get_double(gst_video_region_of_interest_meta_get_param(region, "detection"),
                             "confidence", &confidence);
    fail_unless_equals_float(static_cast<float>(confidence), 0.9f);
    int id = 0;
    gst_structure_get_int(gst_video_region_of_interest_meta_get_param(region, "object_id"), "id",
                          &id);
    fail_unless_equals_int(id, 7);
}
GST_END_TEST

/// The reason for a meta of our own: it reaches the far side of what a pipeline does to pictures.
GST_START_TEST(survivesThePipeline) {
    glue::registerDetectionMeta();
    const char* chains[] = {
        "videoconvert ! capsfilter caps=video/x-raw,format=BGR",
        "videoscale ! capsfilter caps=video/x-raw,width=64,height=32",
        "vp8enc deadline=1 ! rtpvp8pay",
    };
    for (const char* chain : chains) {
        GstHarness* harness = gst_harness_new_parse(chain);
        gst_harness_set_src_caps_str(harness,
                                     "video/x-raw,format=I420,width=128,height=64,framerate=30/1");
        GstBuffer* buffer = gst_harness_create_buffer(harness, 128 * 64 * 3 / 2);
        GST_BUFFER_PTS(buffer) = 0;
        GST_BUFFER_DURATION(buffer) = GST_SECOND / 30;
        glue::attachDetections(buffer, sample(), 128, 64);
        fail_unless_equals_int(gst_harness_push(harness, buffer), GST_FLOW_OK);
        const Ref<GstBuffer> out(gst_harness_pull(harness));
        fail_unless(out != nullptr);
        const auto found = glue::detectionsOf(out.get());
        fail_unless(found.has_value(), "lost in %s", chain);
        assertSame(*found);
        gst_harness_teardown(harness);
    }
}
GST_END_TEST

static Suite* detectionmeta_suite() {
    Suite* suite = suite_create("detectionmeta");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, roundTrip);
    tcase_add_test(tests, regionsForOthers);
    tcase_add_test(tests, survivesThePipeline);
    return suite;
}

GST_CHECK_MAIN(detectionmeta);
