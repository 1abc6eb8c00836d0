// The virtual camera steered, adjusted and heard through onvifsrc, with the ills that real ones
// have.
#include "cameraprogram.hpp"
#include "outcome.hpp"
#include "player.hpp"
#include "support/patience.hpp"

#include <cmath>
#include <string>
#include <vector>

using glue::Ref;

static const char* password = "s3cret";

static std::vector<std::string> small(std::vector<std::string> more = {}) {
    std::vector<std::string> options = {
        "--no-discovery", "--width", "160",    "--height",    "120",        "--fps", "5",
        "--audio",        "none",    "--auth", "digest-both", "--no-motion"};
    options.insert(options.end(), more.begin(), more.end());
    return options;
}

static Ref<GstElement> source(const CameraProgram& camera) {
    Ref<GstElement> element(gst_element_factory_make("onvifsrc", nullptr));
    gst_object_ref_sink(element.get());
    g_object_set(element.get(), "location", camera.url.c_str(), "user-id", "admin", "user-pw",
                 password, nullptr);
    return element;
}

template <class... Arguments>
static void act(const Ref<GstElement>& element, const char* action, Arguments... arguments) {
    Outcome outcome;
    g_signal_emit_by_name(element.get(), action, arguments..., outcome.promise.get());
    outcome.success();
}

static bool moving(const Ref<GstElement>& element) {
    Outcome status;
    g_signal_emit_by_name(element.get(), "ptz-status", status.promise.get());
    gboolean moves = TRUE;
    fail_unless(gst_structure_get_boolean(status.success(), "moving", &moves));
    return moves;
}

static double pan(const Ref<GstElement>& element) {
    Outcome status;
    g_signal_emit_by_name(element.get(), "ptz-status", status.promise.get());
    return numberOf(status.success(), "pan");
}

GST_START_TEST(headMovesAndStops) {
    const CameraProgram camera(small(), password);
    const auto element = source(camera);
    act(element, "ptz-absolute", 0.1, 0.0, NAN, 0.0);
    fail_unless(support::becomes([&] { return std::fabs(pan(element) - 0.1) < 0.001; }));
    act(element, "ptz-set-preset", "Here", nullptr);
    act(element, "ptz-move", -1.0, 0.0, 0.0, 60000u);
    fail_unless(support::becomes([&] { return pan(element) < 0.05; }));
    act(element, "ptz-stop");
    fail_if(moving(element));
    act(element, "ptz-goto-preset", "here");
    fail_unless(support::becomes([&] { return std::fabs(pan(element) - 0.1) < 0.001; }));
    act(element, "ptz-remove-preset", "here");
    act(element, "ptz-home");
    fail_unless(support::becomes([&] { return std::fabs(pan(element)) < 0.001; }));
}
GST_END_TEST

GST_START_TEST(headWithoutStopP1) {
    const CameraProgram camera(small({"--ill", "ptz-no-stop"}), password);
    const auto element = source(camera);
    act(element, "ptz-move", 0.1, 0.0, 0.0, 60000u);
    fail_unless(moving(element));
    act(element, "ptz-stop");
    fail_if(moving(element));
}
GST_END_TEST

/// Shorter than the camera allows: it is stopped by us.
GST_START_TEST(headWithLongMovesOnlyP1) {
    const CameraProgram camera(small({"--ill", "ptz-timeout-range"}), password);
    const auto element = source(camera);
    act(element, "ptz-move", 0.1, 0.0, 0.0, 50u);
    fail_unless(support::becomes([&] { return !moving(element); }));
    fail_unless(pan(element) > 0);
}
GST_END_TEST

GST_START_TEST(pictureIsAdjustedAndTaken) {
    const CameraProgram camera(small(), password);
    const auto element = source(camera);
    const Ref<GstStructure> wish(
        gst_structure_from_string("x, brightness=70.0, ir-cut=off", nullptr));
    act(element, "imaging-set", wish.get());
    Outcome now, picture;
    g_signal_emit_by_name(element.get(), "imaging-get", now.promise.get());
    fail_unless_equals_float(numberOf(now.success(), "brightness"), 70);
    fail_unless_equals_string(gst_structure_get_string(now.success(), "ir-cut"), "off");
    g_signal_emit_by_name(element.get(), "snapshot", picture.promise.get());
    GstSample* raw = nullptr;
    fail_unless(gst_structure_get(picture.success(), "sample", GST_TYPE_SAMPLE, &raw, nullptr));
    const Ref<GstSample> sample(raw);
    int width = 0;
    gst_structure_get_int(gst_caps_get_structure(gst_sample_get_caps(sample.get()), 0), "width",
                          &width);
    fail_unless_equals_int(width, 160);
}
GST_END_TEST

/// A pipeline that hears the camera; `heard` tells whether an event of that kind and state came.
struct Hearing {
    Ref<GstElement> pipeline{gst_pipeline_new(nullptr)};
    Ref<GstElement> element;
    Ref<GstBus> bus;

    explicit Hearing(const CameraProgram& camera) : element(source(camera)) {
        forgiveRtspsrc();
        g_object_set(element.get(), "events", TRUE, nullptr);
        GstElement* sink = gst_element_factory_make("fakesink", nullptr);
        g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
        gst_bin_add_many(GST_BIN(pipeline.get()), GST_ELEMENT(gst_object_ref(element.get())), sink,
                         nullptr);
        g_signal_connect(element.get(), "pad-added", G_CALLBACK(link), sink);
        bus.reset(gst_element_get_bus(pipeline.get()));
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    }
    ~Hearing() { gst_element_set_state(pipeline.get(), GST_STATE_NULL); }

    static void link(GstElement*, GstPad* pad, gpointer sink) {
        const Ref<GstPad> to(gst_element_get_static_pad(GST_ELEMENT(sink), "sink"));
        gst_pad_link(pad, to.get());
    }

    void expect(const char* kind, bool state) {
        for (int i = 0; i < 2400; i++) {
            const Ref<GstMessage> message(gst_bus_timed_pop_filtered(
                bus.get(), 50 * GST_MSECOND,
                static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR)));
            if (message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR)
                ck_abort_msg("the stream failed");
            if (!message || !gst_message_has_name(message.get(), "onvif-event"))
                continue;
            const GstStructure* facts = gst_message_get_structure(message.get());
            gboolean active = FALSE;
            if (g_strcmp0(gst_structure_get_string(facts, "kind"), kind) == 0 &&
                gst_structure_get_boolean(facts, "active", &active) && active == state)
                return;
        }
        ck_abort_msg("no %s came", kind);
    }
};

static const char* const eventIlls[] = {
    "",                             // none
    "events-reference-parameters",  // E1
    "events-need-addressing",       // E1
    "events-address=10.99.0.9:1",   // E2: another net, a dead port
    "events-need-termination-time", // E2
    "events-forget=2",              // lost, and made anew
    "undeclared-prefixes",          // E3, X2
    "clock-skew=-86400",            // E3
};

/// What we switch comes back as an event, whatever the camera suffers from.
GST_START_TEST(eventsComeAroundE1E2E3) {
    const std::string ill = eventIlls[__i__];
    const CameraProgram camera(
        small(ill.empty() ? std::vector<std::string>{} : std::vector<std::string>{"--ill", ill}),
        password);
    Hearing hearing(camera);
    hearing.expect("relay", false);
    act(hearing.element, "relay", "relay0", TRUE);
    hearing.expect("relay", true);
}
GST_END_TEST

static Suite* onvifsteering_suite() {
    Suite* suite = suite_create("onvifsteering");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, headMovesAndStops);
    tcase_add_test(tests, headWithoutStopP1);
    tcase_add_test(tests, headWithLongMovesOnlyP1);
    tcase_add_test(tests, pictureIsAdjustedAndTaken);
    tcase_add_loop_test(tests, eventsComeAroundE1E2E3, 0, G_N_ELEMENTS(eventIlls));
    return suite;
}

GST_CHECK_MAIN(onvifsteering);
