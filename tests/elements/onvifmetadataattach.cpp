#include "glue/detectionmeta.hpp"
#include "glue/ref.hpp"
#include "metadatapackets.hpp"

#include <gst/check/gstcheck.h>

using glue::Ref;
using packets::document;
using packets::moment;

namespace {

/// The element with a harness on each of its sides.
struct Stage {
    Stage() {
        const Ref<GstElement> element(static_cast<GstElement*>(
            gst_object_ref_sink(gst_element_factory_make("onvifmetadataattach", nullptr))));
        video = gst_harness_new_with_element(element.get(), "video", "src");
        metadata = gst_harness_new_with_element(element.get(), "metadata", nullptr);
        gst_harness_set_src_caps_str(video, "video/x-raw, format=I420, width=64, height=32, "
                                            "framerate=25/1");
        gst_harness_set_src_caps_str(metadata, "application/x-onvif-metadata, parsed=true");
    }
    ~Stage() {
        gst_harness_teardown(metadata);
        gst_harness_teardown(video);
    }

    void tell(const std::string& text, GstClockTime time) {
        GstBuffer* buffer = gst_buffer_new_memdup(text.data(), text.size());
        GST_BUFFER_PTS(buffer) = time;
        fail_unless_equals_int(gst_harness_push(metadata, buffer), GST_FLOW_OK);
    }
    std::optional<base::Detections> picture(GstClockTime time) {
        GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 64 * 32 * 3 / 2, nullptr);
        GST_BUFFER_PTS(buffer) = time;
        fail_unless_equals_int(gst_harness_push(video, buffer), GST_FLOW_OK);
        const Ref<GstBuffer> out(gst_harness_pull(video));
        return glue::detectionsOf(out.get());
    }

    GstHarness *video, *metadata;
};

} // namespace

GST_START_TEST(picturesGetWhatWasSeenInThem) {
    Stage stage;
    fail_if(stage.picture(0).has_value());
    stage.tell(document(moment("2026-01-31T12:00:00Z", 1) + moment("2026-01-31T12:00:00.4Z", 2)),
               GST_SECOND);
    fail_if(stage.picture(900 * GST_MSECOND).has_value());
    const auto one = stage.picture(1200 * GST_MSECOND);
    fail_unless(one && one->objects.size() == 1);
    fail_unless_equals_int(static_cast<int>(one->objects[0].trackId), 1);
    fail_unless(one->objects[0].label == "Vehicle");
    fail_unless(one->objects[0].box.x == 0.5 && one->objects[0].box.y == 0.5);
    fail_unless(one->age == std::chrono::milliseconds(200));
    const auto two = stage.picture(1400 * GST_MSECOND);
    fail_unless(two && two->objects[0].trackId == 2 && two->age.count() == 0);
    fail_if(stage.picture(3 * GST_SECOND).has_value());
}
GST_END_TEST

GST_START_TEST(rubbishHarmsNoPicture) {
    Stage stage;
    for (const char* bad : {"no xml", "<a/>", "<MetadataStream><VideoAnalytics>"})
        stage.tell(bad, 0);
    fail_if(stage.picture(0).has_value());
    fail_unless(packets::statOf(stage.video->element, "broken") == 2);
    // The metadata ends: the picture goes on.
    gst_harness_push_event(stage.metadata, gst_event_new_eos());
    fail_if(stage.picture(40 * GST_MSECOND).has_value());
}
GST_END_TEST

static Suite* onvifmetadataattach_suite() {
    Suite* suite = suite_create("onvifmetadataattach");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, picturesGetWhatWasSeenInThem);
    tcase_add_test(tests, rubbishHarmsNoPicture);
    return suite;
}

GST_CHECK_MAIN(onvifmetadataattach);
