#include "glue/ref.hpp"
#include "metadatapackets.hpp"

#include <gst/check/gstcheck.h>

using glue::Ref;
using packets::document;

namespace {

/// The element with a bus to hear it by.
struct Watch {
    Watch() : h(gst_harness_new("onvifmetadatawatch")), bus(gst_bus_new()) {
        gst_element_set_bus(h->element, bus.get());
        gst_harness_set_src_caps_str(h, "application/x-onvif-metadata, parsed=true");
    }
    ~Watch() {
        gst_element_set_bus(h->element, nullptr);
        gst_harness_teardown(h);
    }

    void tell(const std::string& text, GstClockTime time) {
        GstBuffer* buffer = gst_buffer_new_memdup(text.data(), text.size());
        GST_BUFFER_PTS(buffer) = time;
        fail_unless_equals_int(gst_harness_push(h, buffer), GST_FLOW_OK);
        const Ref<GstBuffer> out(gst_harness_pull(h));
        fail_unless(packets::textOf(out.get()) == text);
    }
    /// The next message of that name.
    Ref<GstMessage> next(const char* name) {
        for (;;) {
            Ref<GstMessage> message(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT));
            if (!message || gst_message_has_name(message.get(), name))
                return message;
        }
    }

    GstHarness* h;
    Ref<GstBus> bus;
};

GstClockTime runningTime(const GstStructure* facts) {
    guint64 time = GST_CLOCK_TIME_NONE;
    fail_unless(gst_structure_get_clock_time(facts, "running-time", &time));
    return time;
}

} // namespace

GST_START_TEST(eventsAreMessages) {
    Watch watch;
    watch.tell(document(packets::moment("2026-01-31T12:00:00Z") +
                        packets::alarm("2026-01-31T12:00:00.3Z")),
               2 * GST_SECOND);
    const Ref<GstMessage> message = watch.next("onvif-event");
    fail_unless(message != nullptr);
    const GstStructure* facts = gst_message_get_structure(message.get());
    fail_unless_equals_uint64(runningTime(facts), 2300 * GST_MSECOND);
    const GstStructure* data = gst_value_get_structure(gst_structure_get_value(facts, "data"));
    fail_unless_equals_string(gst_structure_get_string(data, "State"), "true");
}
GST_END_TEST

GST_START_TEST(objectsAreMessages) {
    Watch watch;
    watch.tell(document(packets::moment("2026-01-31T12:00:00Z", 3) +
                        packets::moment("2026-01-31T12:00:00.04Z", 4)),
               GST_SECOND);
    for (const int id : {3, 4}) {
        const Ref<GstMessage> message = watch.next("onvif-objects");
        fail_unless(message != nullptr);
        const GstStructure* facts = gst_message_get_structure(message.get());
        fail_unless_equals_uint64(runningTime(facts),
                                  GST_SECOND + (id == 4 ? 40 * GST_MSECOND : 0));
        const GValue* objects = gst_structure_get_value(facts, "objects");
        fail_unless_equals_int(static_cast<int>(gst_value_array_get_size(objects)), 1);
        const GstStructure* object = gst_value_get_structure(gst_value_array_get_value(objects, 0));
        gint64 track = 0;
        double x = 0;
        gst_structure_get(object, "track-id", G_TYPE_INT64, &track, "x", G_TYPE_DOUBLE, &x,
                          nullptr);
        fail_unless_equals_int(static_cast<int>(track), id);
        fail_unless(x == 0.5);
        fail_unless_equals_string(gst_structure_get_string(object, "label"), "Vehicle");
    }
    fail_unless_equals_uint64(packets::statOf(watch.h->element, "objects"), 2);
}
GST_END_TEST

GST_START_TEST(messagesCanBeSwitchedOff) {
    Watch watch;
    g_object_set(watch.h->element, "post-objects", FALSE, "post-events", FALSE, nullptr);
    watch.tell(
        document(packets::moment("2026-01-31T12:00:00Z") + packets::alarm("2026-01-31T12:00:00Z")),
        0);
    fail_if(watch.next("onvif-objects") != nullptr);
    fail_unless_equals_uint64(packets::statOf(watch.h->element, "events"), 1);
}
GST_END_TEST

GST_START_TEST(rubbishGoesThrough) {
    Watch watch;
    for (const char* bad : {"x", "<a/>", "<!DOCTYPE a><MetadataStream/>"})
        watch.tell(bad, 0);
    fail_unless_equals_uint64(packets::statOf(watch.h->element, "broken"), 3);
    fail_if(watch.next("onvif-objects") != nullptr);
}
GST_END_TEST

static Suite* onvifmetadatawatch_suite() {
    Suite* suite = suite_create("onvifmetadatawatch");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, eventsAreMessages);
    tcase_add_test(tests, objectsAreMessages);
    tcase_add_test(tests, messagesCanBeSwitchedOff);
    tcase_add_test(tests, rubbishGoesThrough);
    return suite;
}

GST_CHECK_MAIN(onvifmetadatawatch);
