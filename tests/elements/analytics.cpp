// Detections as GStreamer 1.24 and newer tell them, and what its own elements make of ours. Skips
// where the library is older, and says which elements are not there.
#include <cstdio>

#ifndef HAVE_GST_ANALYTICS
int main() {
    std::puts("skipped: GStreamer has no analytics library (it comes with 1.24)");
    return 77;
}
#else
#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"

#include <gst/analytics/analytics.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <cmath>
#include <string>
#include <vector>

using glue::Ref;

namespace {

constexpr int width = 640, height = 360;

base::Detection object(const char* label, const base::Rect& box, std::int64_t track = 0) {
    base::Detection d;
    d.box = box;
    d.score = 0.75F;
    d.classId = 2;
    d.label = label;
    d.trackId = track;
    return d;
}

Ref<GstBuffer> frameWith(const std::vector<base::Detection>& objects) {
    const gsize size = static_cast<gsize>(width) * height * 4;
    Ref<GstBuffer> buffer(gst_buffer_new_allocate(nullptr, size, nullptr));
    gst_buffer_memset(buffer.get(), 0, 90, size);
    GST_BUFFER_PTS(buffer.get()) = 0;
    GST_BUFFER_DURATION(buffer.get()) = GST_SECOND / 25;
    glue::attachDetections(buffer.get(), {objects, {}, "test"}, width, height);
    return buffer;
}

GstAnalyticsRelationMeta* relationsOf(const Ref<GstBuffer>& buffer) {
    auto* relations = gst_buffer_get_analytics_relation_meta(buffer.get());
    fail_unless(relations != nullptr);
    return relations;
}

std::vector<GstAnalyticsODMtd> objectsOf(const Ref<GstBuffer>& buffer) {
    std::vector<GstAnalyticsODMtd> found;
    gpointer state = nullptr;
    GstAnalyticsODMtd object;
    while (gst_analytics_relation_meta_iterate(relationsOf(buffer), &state,
                                               gst_analytics_od_mtd_get_mtd_type(), &object))
        found.push_back(object);
    return found;
}

/// The number that an object is tracked by; 0 without.
guint64 trackOf(const Ref<GstBuffer>& buffer, const GstAnalyticsODMtd& object) {
    gpointer state = nullptr;
    GstAnalyticsTrackingMtd track;
    if (!gst_analytics_relation_meta_get_direct_related(
            relationsOf(buffer), object.id, GST_ANALYTICS_REL_TYPE_ANY,
            gst_analytics_tracking_mtd_get_mtd_type(), &state, &track))
        return 0;
    guint64 id = 0;
    GstClockTime first = 0, last = 0;
    gboolean lost = TRUE;
    fail_unless(gst_analytics_tracking_mtd_get_info(&track, &id, &first, &last, &lost));
    return id;
}

/// Frames of BGRx through a launch line.
class Chain {
public:
    explicit Chain(const char* line) : harness_(gst_harness_new_parse(line)) {
        gst_harness_set_src_caps_str(harness_,
                                     "video/x-raw,format=BGRx,width=640,height=360,framerate=25/1");
    }
    ~Chain() { gst_harness_teardown(harness_); }
    Chain(const Chain&) = delete;
    Chain& operator=(const Chain&) = delete;

    Ref<GstBuffer> pass(Ref<GstBuffer> buffer) {
        fail_unless_equals_int(gst_harness_push(harness_, buffer.release()), GST_FLOW_OK);
        return Ref<GstBuffer>(gst_harness_pull(harness_));
    }

private:
    GstHarness* harness_;
};

/// Whether any pixel of a square around that place is no longer the frame's grey.
bool touched(const Ref<GstBuffer>& buffer, int x, int y, int reach = 3) {
    std::vector<guint8> bytes(gst_buffer_get_size(buffer.get()));
    gst_buffer_extract(buffer.get(), 0, bytes.data(), bytes.size());
    for (int row = y - reach; row <= y + reach; row++)
        for (int column = x - reach; column <= x + reach; column++)
            for (int c = 0; c < 3; c++)
                if (bytes[static_cast<gsize>((row * width + column) * 4 + c)] != 90)
                    return true;
    return false;
}

bool have(const char* element) {
    const Ref<GstElementFactory> factory(gst_element_factory_find(element));
    if (!factory)
        std::printf("left out: this GStreamer has no %s\n", element);
    return factory != nullptr;
}

} // namespace

GST_START_TEST(boxesLabelsAndTracks) {
    const auto buffer =
        frameWith({object("car", {0.25, 0.5, 0.25, 0.25}, 7), object("dog", {0.9, 0.9, 0.5, 0.5})});
    const auto found = objectsOf(buffer);
    fail_unless_equals_int(found.size(), 2);
    gint x, y, w, h;
    gfloat score;
    fail_unless(gst_analytics_od_mtd_get_location(&found[0], &x, &y, &w, &h, &score));
    fail_unless(x == 160 && y == 180 && w == 160 && h == 90);
    fail_unless_equals_float(score, 0.75F);
    fail_unless_equals_string(g_quark_to_string(gst_analytics_od_mtd_get_obj_type(&found[0])),
                              "car");
    fail_unless(gst_analytics_od_mtd_get_location(&found[1], &x, &y, &w, &h, &score));
    fail_unless(x == 576 && y == 324 && w == 64 && h == 36); // ends with the frame
    fail_unless_equals_uint64(trackOf(buffer, found[0]), 7);
    fail_unless_equals_uint64(trackOf(buffer, found[1]), 0);
    glue::attachDetections(buffer.get(), {{}, {}, "test"}, width, height);
    fail_unless_equals_int(objectsOf(buffer).size(), 0); // in place of the old ones
}
GST_END_TEST

#if GST_CHECK_VERSION(1, 26, 0)
/// A square of 100 pixels on its corner.
GST_START_TEST(turnedBoxes) {
    const double half = 100 / std::sqrt(2);
    base::Detection d = object(
        "ship", {(320 - half) / width, (180 - half) / height, 2 * half / width, 2 * half / height});
    d.corners = {{320.0 / width, (180 - half) / height},
                 {(320 + half) / width, 180.0 / height},
                 {320.0 / width, (180 + half) / height},
                 {(320 - half) / width, 180.0 / height}};
    const auto buffer = frameWith({d});
    const auto found = objectsOf(buffer);
    fail_unless_equals_int(found.size(), 1);
    gint x, y, w, h;
    gfloat angle, score;
    fail_unless(
        gst_analytics_od_mtd_get_oriented_location(&found[0], &x, &y, &w, &h, &angle, &score));
    fail_unless(x == 270 && y == 130 && w == 100 && h == 100, "%d, %d, %dx%d", x, y, w, h);
    fail_unless(std::fabs(angle - 0.785398F) < 1e-4, "%f", angle);
}
GST_END_TEST

GST_START_TEST(masks) {
    base::Detection d = object("dog", {0.5, 0.5, 0.25, 0.25});
    d.mask = std::make_shared<base::Mask>(base::Mask{3, 2, {0, 255, 127, 128, 0, 200}});
    const auto buffer = frameWith({object("cat", {0, 0, 0.1, 0.1}), d});
    const auto found = objectsOf(buffer);
    gpointer state = nullptr;
    GstAnalyticsSegmentationMtd segmentation;
    fail_unless(gst_analytics_relation_meta_get_direct_related(
        relationsOf(buffer), found[1].id, GST_ANALYTICS_REL_TYPE_RELATE_TO,
        gst_analytics_segmentation_mtd_get_mtd_type(), &state, &segmentation));
    gint x, y;
    guint w, h;
    const Ref<GstBuffer> mask(
        gst_analytics_segmentation_mtd_get_mask(&segmentation, &x, &y, &w, &h));
    fail_unless(x == 320 && y == 180 && w == 160 && h == 90);
    guint8 cover[6] = {};
    fail_unless_equals_int(gst_buffer_extract(mask.get(), 0, cover, 6), 6);
    const guint8 expected[] = {0, 2, 0, 2, 0, 2}; // the second object
    for (int i = 0; i < 6; i++)
        fail_unless_equals_int(cover[i], expected[i]);
    fail_unless_equals_int(gst_analytics_segmentation_mtd_get_region_count(&segmentation), 2);
    gsize index = 0;
    fail_unless(gst_analytics_segmentation_mtd_get_region_index(&segmentation, &index, 2));
}
GST_END_TEST

GST_START_TEST(upstreamDrawsMasks) {
    if (!have("segmentationoverlay"))
        return;
    base::Detection d = object("dog", {0.25, 0.25, 0.5, 0.5});
    d.mask = std::make_shared<base::Mask>(base::Mask{2, 1, {0, 255}});
    Chain chain("segmentationoverlay");
    const auto out = chain.pass(frameWith({d}));
    fail_unless(touched(out, 400, 180), "nothing is drawn on the object");
    fail_if(touched(out, 100, 300), "something is drawn where there is nothing");
}
GST_END_TEST
#endif

GST_START_TEST(upstreamDrawsBoxes) {
    if (!have("objectdetectionoverlay"))
        return;
    Chain chain("objectdetectionoverlay");
    const auto out = chain.pass(frameWith({object("car", {0.25, 0.25, 0.5, 0.5})}));
    fail_unless(touched(out, 160, 180) && touched(out, 320, 270) && touched(out, 480, 180));
    fail_if(touched(out, 320, 200) || touched(out, 60, 300));
}
GST_END_TEST

/// What moves a little is the same object in upstream's eyes, from what we say of it.
GST_START_TEST(upstreamTracks) {
    if (!have("ioutracker"))
        return;
    Chain chain("ioutracker");
    guint64 first = 0, other = 0;
    for (int i = 0; i < 5; i++) {
        const auto out = chain.pass(frameWith(
            {object("car", {0.1 + 0.01 * i, 0.1, 0.3, 0.3}), object("dog", {0.6, 0.6, 0.2, 0.2})}));
        const auto found = objectsOf(out);
        fail_unless_equals_int(found.size(), 2);
        const guint64 car = trackOf(out, found[0]), dog = trackOf(out, found[1]);
        if (i == 0) {
            first = car;
            other = dog;
        }
        fail_unless(car == first && dog == other && car != dog, "frame %d", i);
    }
}
GST_END_TEST

/// Upstream's own finds, without a word of ours: drawn, and looked into by a second stage.
GST_START_TEST(detectorsOfOthers) {
    Ref<GstBuffer> buffer = frameWith({});
    gst_buffer_foreach_meta(
        buffer.get(),
        [](GstBuffer*, GstMeta** meta, gpointer) -> gboolean {
            *meta = nullptr;
            return TRUE;
        },
        nullptr);
    fail_if(glue::regionsOf(buffer.get(), width, height).has_value());
    auto* relations = gst_buffer_add_analytics_relation_meta(buffer.get());
    fail_if(glue::regionsOf(buffer.get(), width, height).has_value());
    GstAnalyticsODMtd object;
    GstAnalyticsTrackingMtd track;
    gst_analytics_relation_meta_add_od_mtd(relations, g_quark_from_string("cat"), 160, 90, 320, 180,
                                           0.5F, &object);
    gst_analytics_relation_meta_add_tracking_mtd(relations, 0, 0, &track);
    gst_analytics_relation_meta_set_relation(relations, GST_ANALYTICS_REL_TYPE_RELATE_TO, object.id,
                                             track.id);
    const auto found = glue::regionsOf(buffer.get(), width, height);
    fail_unless(found && found->objects.size() == 1);
    const base::Detection& cat = found->objects[0];
    fail_unless_equals_string(cat.label.c_str(), "cat");
    fail_unless_equals_float(cat.score, 0.5F);
    fail_unless(cat.box.x == 0.25 && cat.box.y == 0.25 && cat.box.width == 0.5);
    fail_unless(cat.trackId > 0);
    Chain chain("detectionoverlay");
    const auto out = chain.pass(std::move(buffer));
    fail_unless(touched(out, 160, 180) && touched(out, 480, 180));
    fail_if(touched(out, 320, 200));
}
GST_END_TEST

static Suite* analytics_suite() {
    glue::registerDetectionMeta();
    std::printf("with %s\n", gst_version_string());
    Suite* suite = suite_create("analytics");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, boxesLabelsAndTracks);
#if GST_CHECK_VERSION(1, 26, 0)
    tcase_add_test(tests, turnedBoxes);
    tcase_add_test(tests, masks);
    tcase_add_test(tests, upstreamDrawsMasks);
#endif
    tcase_add_test(tests, upstreamDrawsBoxes);
    tcase_add_test(tests, upstreamTracks);
    tcase_add_test(tests, detectorsOfOthers);
    return suite;
}

GST_CHECK_MAIN(analytics);
#endif
