#include "player.hpp"
#include "steerablecamera.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <atomic>
#include <string>

using glue::Ref;

static const char* video =
    "( videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=10/1 ! x264enc "
    "tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 )";

static const char* motion =
    "<NotificationMessage><Topic>tns1:RuleEngine/CellMotionDetector/Motion</Topic><Message>"
    "<Message UtcTime=\"2026-01-31T12:00:00Z\" PropertyOperation=\"Changed\"><Source><SimpleItem "
    "Name=\"Video Source\" Value=\"v0\"/></Source><Data><SimpleItem Name=\"IsMotion\" "
    "Value=\"true\"/></Data></Message></Message></NotificationMessage>";

/// A pipeline and what is said on its bus.
struct Listener {
    Ref<GstElement> pipeline;
    Ref<GstBus> bus;

    explicit Listener(SoapCamera& camera, const char* more = "events=true") {
        forgiveRtspsrc();
        const std::string line = "onvifsrc name=c location=" + camera.url() + " " + more +
                                 " ! fakesink name=out sync=false async=false";
        pipeline.reset(gst_parse_launch(line.c_str(), nullptr));
        bus.reset(gst_element_get_bus(pipeline.get()));
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    }
    ~Listener() { stop(); }
    void stop() {
        if (pipeline)
            gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    }

    /// Whether the picture flows. rtspsrc complains when it is stopped on its way there.
    bool flows() const {
        const Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
        const Ref<GstPad> pad(gst_element_get_static_pad(sink.get(), "sink"));
        return Ref<GstCaps>(gst_pad_get_current_caps(pad.get())) != nullptr;
    }

    /// The next element message of that name, or the next warning.
    Ref<GstMessage> wait(const char* name) {
        for (int i = 0; i < 2400; i++) {
            Ref<GstMessage> message(gst_bus_timed_pop_filtered(
                bus.get(), 50 * GST_MSECOND,
                static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING)));
            if (message && (name ? gst_message_has_name(message.get(), name)
                                 : GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_WARNING))
                return message;
        }
        ck_abort_msg("no %s came", name ? name : "warning");
        return nullptr;
    }
};

GST_START_TEST(eventsComeAsMessages) {
    SteerableCamera camera;
    camera.stream(video);
    camera.respond("PullMessages", motion);
    Listener listener(camera);
    const Ref<GstMessage> message = listener.wait("onvif-event");
    const GstStructure* facts = gst_message_get_structure(message.get());
    fail_unless_equals_string(gst_structure_get_string(facts, "kind"), "motion");
    fail_unless_equals_string(gst_structure_get_string(facts, "topic"),
                              "RuleEngine/CellMotionDetector/Motion");
    fail_unless_equals_string(gst_structure_get_string(facts, "operation"), "Changed");
    gboolean active = FALSE;
    fail_unless(gst_structure_get_boolean(facts, "active", &active) && active);
    fail_unless_equals_string(gst_structure_get_string(facts, "utc-time"),
                              "2026-01-31T12:00:00.000Z");
    GstStructure* from = nullptr;
    fail_unless(gst_structure_get(facts, "source", GST_TYPE_STRUCTURE, &from, nullptr));
    fail_unless_equals_string(gst_structure_get_string(from, "Video-Source"), "v0");
    gst_structure_free(from);
    // Once the pipeline has a clock.
    guint64 running = GST_CLOCK_TIME_NONE;
    for (int i = 0; i < 1000 && !GST_CLOCK_TIME_IS_VALID(running); i++)
        gst_structure_get_uint64(gst_message_get_structure(listener.wait("onvif-event").get()),
                                 "running-time", &running);
    fail_unless(GST_CLOCK_TIME_IS_VALID(running));
    listener.stop();
    fail_unless(support::becomes([&] { return camera.count("Unsubscribe") == 1; }));
}
GST_END_TEST

GST_START_TEST(offByDefault) {
    SteerableCamera camera;
    camera.stream(video);
    Listener listener(camera, "");
    fail_unless(support::becomes([&] { return listener.flows(); }));
    listener.stop();
    fail_unless_equals_int(camera.count("CreatePullPointSubscription"), 0);
}
GST_END_TEST

GST_START_TEST(saysWhenThereAreNone) {
    SteerableCamera camera;
    camera.stream(video);
    camera.answer("CreatePullPointSubscription",
                  {500, SoapCamera::fault("ter:ActionNotSupported", "no")});
    Listener listener(camera);
    const Ref<GstMessage> message = listener.wait(nullptr);
    fail_unless(support::becomes([&] { return listener.flows(); }));
    GError* error = nullptr;
    gst_message_parse_warning(message.get(), &error, nullptr);
    fail_unless(std::string(error->message).find("events are not heard") != std::string::npos);
    g_error_free(error);
}
GST_END_TEST

/// A subscription that the camera forgot is made anew.
GST_START_TEST(subscribesAgain) {
    SteerableCamera camera;
    camera.stream(video);
    std::atomic<int> pulls{0};
    camera.respond("PullMessages", motion);
    camera.judge = [&](const SoapCamera::Request& r, const SoapCamera::Answer& usual) {
        if (r.operation == "PullMessages" && ++pulls == 1)
            return SoapCamera::Answer{500, SoapCamera::fault("wsrf-rw:ResourceUnknownFault", "")};
        return usual;
    };
    Listener listener(camera);
    listener.wait("onvif-event");
    fail_unless(support::becomes([&] { return listener.flows(); }));
    fail_unless_equals_int(camera.count("CreatePullPointSubscription"), 2);
}
GST_END_TEST

/// Stopping waits for nothing, and nothing is left when the element is gone.
GST_START_TEST(stopsWhileTheCameraWaits) {
    SteerableCamera camera;
    camera.stream(video);
    for (const char* silent : {"PullMessages", "Unsubscribe"})
        camera.answer(silent, {200, "", true, "", true});
    std::size_t before = 0;
    for (int i = 0; i < 12; i++) {
        Listener listener(camera);
        fail_unless(
            support::becomes([&] { return camera.count("PullMessages") > i && listener.flows(); }));
        listener.stop();
        listener.pipeline.reset();
        if (i == 5)
            before = support::threads();
    }
    fail_unless(support::becomes([&] { return support::threads() <= before; }), "%zu then, %zu now",
                before, support::threads());
}
GST_END_TEST

static Suite* onvifevents_suite() {
    Suite* suite = suite_create("onvifevents");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, eventsComeAsMessages);
    tcase_add_test(tests, offByDefault);
    tcase_add_test(tests, saysWhenThereAreNone);
    tcase_add_test(tests, subscribesAgain);
    tcase_add_test(tests, stopsWhileTheCameraWaits);
    return suite;
}

GST_CHECK_MAIN(onvifevents);
