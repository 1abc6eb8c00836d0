#include "outcome.hpp"
#include "steerablecamera.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <cmath>
#include <condition_variable>
#include <string>

using glue::Ref;

static Ref<GstElement> source(const std::string& location) {
    Ref<GstElement> element(gst_element_factory_make("onvifsrc", nullptr));
    gst_object_ref_sink(element.get());
    g_object_set(element.get(), "location", location.c_str(), nullptr);
    return element;
}

static bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

/// In every state: this element was never started.
GST_START_TEST(headMoves) {
    SteerableCamera camera;
    const auto element = source(camera.url());
    Outcome moved, placed, shifted, stopped;
    g_signal_emit_by_name(element.get(), "ptz-move", 0.5, -2.0, 0.0, 2000, moved.promise.get());
    moved.success();
    fail_unless(has(camera.last("ContinuousMove"), "<PanTilt x=\"0.5\" y=\"-1\""));
    fail_unless(has(camera.last("ContinuousMove"), "<Timeout>PT2S</Timeout>"));
    g_signal_emit_by_name(element.get(), "ptz-absolute", 0.1, NAN, NAN, 0.5, placed.promise.get());
    placed.success();
    fail_unless(has(camera.last("AbsoluteMove"), "<PanTilt x=\"0.1\" y=\"-0.5\""));
    fail_if(has(camera.last("AbsoluteMove"), "<Zoom x=\"0\""));
    g_signal_emit_by_name(element.get(), "ptz-relative", NAN, NAN, -0.2, 0.0,
                          shifted.promise.get());
    shifted.success();
    fail_unless(has(camera.last("RelativeMove"), "<Zoom x=\"-0.2\""));
    g_signal_emit_by_name(element.get(), "ptz-stop", stopped.promise.get());
    stopped.success();
    fail_unless_equals_int(camera.count("Stop"), 1);
    fail_unless_equals_int(camera.count("GetServices"), 1); // opened once
}
GST_END_TEST

GST_START_TEST(headTells) {
    SteerableCamera camera;
    const auto element = source(camera.url());
    Outcome status, presets, went, none;
    g_signal_emit_by_name(element.get(), "ptz-status", status.promise.get());
    fail_unless_equals_float(numberOf(status.success(), "pan"), 0.25);
    fail_if(gst_structure_has_field(status.success(), "zoom"));
    gboolean moving = FALSE;
    fail_unless(gst_structure_get_boolean(status.success(), "moving", &moving) && moving);
    g_signal_emit_by_name(element.get(), "ptz-presets", presets.promise.get());
    const GValue* list = gst_structure_get_value(presets.success(), "presets");
    fail_unless_equals_int(gst_value_list_get_size(list), 2);
    const GstStructure* gate = gst_value_get_structure(gst_value_list_get_value(list, 1));
    fail_unless_equals_string(gst_structure_get_string(gate, "name"), "Gate");
    g_signal_emit_by_name(element.get(), "ptz-goto-preset", "gate", went.promise.get());
    went.success();
    fail_unless(has(camera.last("GotoPreset"), "<PresetToken>2</PresetToken>"));
    g_signal_emit_by_name(element.get(), "ptz-goto-preset", nullptr, none.promise.get());
    fail_unless(has(none.error(), "it has: Door, Gate"));
}
GST_END_TEST

GST_START_TEST(pictureIsAdjusted) {
    SteerableCamera camera;
    const auto element = source(camera.url());
    Outcome now, changed, nothing;
    g_signal_emit_by_name(element.get(), "imaging-get", now.promise.get());
    fail_unless_equals_float(numberOf(now.success(), "brightness"), 40);
    const GValue* range = gst_structure_get_value(now.success(), "brightness-range");
    fail_unless(range && gst_value_get_double_range_max(range) == 100);
    const Ref<GstStructure> wish(
        gst_structure_from_string("x, brightness=(int)70, ir-cut=off", nullptr));
    g_signal_emit_by_name(element.get(), "imaging-set", wish.get(), changed.promise.get());
    changed.success();
    fail_unless(has(camera.last("SetImagingSettings"), ">70</Brightness>"));
    fail_unless(has(camera.last("SetImagingSettings"), ">OFF</IrCutFilter>"));
    g_signal_emit_by_name(element.get(), "imaging-set", nullptr, nothing.promise.get());
    fail_unless(has(nothing.error(), "Nothing to set"));
}
GST_END_TEST

/// Quirk M7: the picture's web server has a login of its own; what is no picture is refused.
GST_START_TEST(pictureIsTakenM7) {
    SteerableCamera camera;
    const std::string jpeg("\xff\xd8\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00\xff\xda"
                           "\x00\x02\xff\xd9",
                           21);
    camera.respond("GetSnapshotUri",
                   "<MediaUri><Uri>http://admin:old@192.0.2.1/snap?1</Uri></MediaUri>");
    camera.answer("", {200, jpeg, true});
    camera.judge = [](const SoapCamera::Request& r, const SoapCamera::Answer& usual) {
        SoapCamera::Answer refusal{401, "", true, "Digest realm=\"w\", nonce=\"n\", qop=\"auth\""};
        return r.operation.empty() && r.authorization.empty() ? refusal : usual;
    };
    const auto element = source(camera.url());
    g_object_set(element.get(), "user-id", "admin", "user-pw", "s3cret", nullptr);
    Outcome taken, refused;
    g_signal_emit_by_name(element.get(), "snapshot", taken.promise.get());
    GstSample* raw = nullptr;
    fail_unless(gst_structure_get(taken.success(), "sample", GST_TYPE_SAMPLE, &raw, nullptr));
    const Ref<GstSample> sample(raw);
    fail_unless(gst_buffer_get_size(gst_sample_get_buffer(sample.get())) == jpeg.size());
    const GstStructure* caps = gst_caps_get_structure(gst_sample_get_caps(sample.get()), 0);
    int width = 0;
    fail_unless(gst_structure_has_name(caps, "image/jpeg"));
    fail_unless(gst_structure_get_int(caps, "width", &width) && width == 32);
    camera.answer("", {200, "<html>log in</html>", true});
    g_signal_emit_by_name(element.get(), "snapshot", refused.promise.get());
    fail_unless(has(refused.error(), "no JPEG"));
}
GST_END_TEST

GST_START_TEST(errorsSayWhatToDo) {
    SteerableCamera camera;
    camera.respond("GetServices", "<Service><Namespace>http://www.onvif.org/ver10/media/wsdl"
                                  "</Namespace><XAddr>http://x/m</XAddr></Service>");
    const auto element = source(camera.url());
    Outcome noHead, noCamera, refused;
    g_signal_emit_by_name(element.get(), "ptz-home", noHead.promise.get());
    fail_unless(has(noHead.error(), "no PTZ service"));
    const auto nobody = source("");
    g_signal_emit_by_name(nobody.get(), "reboot", noCamera.promise.get());
    fail_unless(has(noCamera.error(), "set location"));
    // The same element after its location was set.
    camera.judge = [](const SoapCamera::Request& r, const SoapCamera::Answer& usual) {
        SoapCamera::Answer refusal{401, "", true, "Digest realm=\"x\", nonce=\"n\", qop=\"auth\""};
        return r.operation == "SystemReboot" ? refusal : usual;
    };
    g_object_set(nobody.get(), "location", camera.url().c_str(), "user-id", "admin", "user-pw",
                 "s3cret", nullptr);
    g_signal_emit_by_name(nobody.get(), "reboot", refused.promise.get());
    fail_unless(has(refused.error(), "check user-id and user-pw"), "%s", refused.error().c_str());
    fail_if(has(refused.error(), "s3cret"));
}
GST_END_TEST

/// Without a promise the answer is an element message.
GST_START_TEST(tellsTheBusWithoutAPromise) {
    SteerableCamera camera;
    const auto element = source(camera.url());
    const Ref<GstBus> bus(gst_bus_new());
    gst_element_set_bus(element.get(), bus.get());
    g_signal_emit_by_name(element.get(), "ptz-status", nullptr);
    const Ref<GstMessage> message(
        gst_bus_timed_pop_filtered(bus.get(), 120 * GST_SECOND, GST_MESSAGE_ELEMENT));
    fail_unless(message != nullptr);
    const GstStructure* facts = gst_message_get_structure(message.get());
    fail_unless(gst_structure_has_name(facts, "onvif-action"));
    fail_unless_equals_string(gst_structure_get_string(facts, "action"), "ptz-status");
    fail_unless_equals_float(numberOf(facts, "tilt"), -0.5);
    gst_element_set_bus(element.get(), nullptr);
}
GST_END_TEST

/// A slow camera and a quick hand: the camera hears the first move and the latest.
GST_START_TEST(newestMoveWins) {
    std::mutex mutex;
    std::condition_variable changed;
    bool asked = false, go = false;
    SteerableCamera camera;
    camera.judge = [&](const SoapCamera::Request& r, const SoapCamera::Answer& usual) {
        std::unique_lock<std::mutex> lock(mutex);
        if (r.operation == "ContinuousMove") {
            asked = true;
            changed.notify_all();
            changed.wait(lock, [&] { return go; });
        }
        return usual;
    };
    const auto element = source(camera.url());
    g_object_set(element.get(), "timeout", 60000, nullptr);
    Outcome first, replaced, latest;
    g_signal_emit_by_name(element.get(), "ptz-move", 0.01, 0.0, 0.0, 0, first.promise.get());
    {
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [&] { return asked; });
    }
    g_signal_emit_by_name(element.get(), "ptz-move", 0.02, 0.0, 0.0, 0, replaced.promise.get());
    for (int i = 0; i < 200; i++)
        g_signal_emit_by_name(element.get(), "ptz-move", 0.03, 0.0, 0.0, 0, nullptr);
    g_signal_emit_by_name(element.get(), "ptz-move", 0.99, 0.0, 0.0, 0, latest.promise.get());
    fail_unless(has(replaced.error(), "newer move"));
    {
        const std::lock_guard<std::mutex> lock(mutex);
        go = true;
    }
    changed.notify_all();
    first.success();
    latest.success();
    fail_unless_equals_int(camera.count("ContinuousMove"), 2);
    fail_unless(has(camera.last("ContinuousMove"), "x=\"0.99\""));
}
GST_END_TEST

/// Quirk P1: a head whose camera takes no duration is stopped by us, at the latest when we stop.
GST_START_TEST(stopsTheHeadItselfP1) {
    SteerableCamera camera;
    camera.judge = [](const SoapCamera::Request& r, const SoapCamera::Answer& usual) {
        if (has(r.body, "<Timeout>"))
            return SoapCamera::Answer{500, SoapCamera::fault("ter:InvalidArgVal", "timeout")};
        return usual;
    };
    auto element = source(camera.url());
    Outcome shortly, longer;
    g_signal_emit_by_name(element.get(), "ptz-move", 1.0, 0.0, 0.0, 50, shortly.promise.get());
    shortly.success();
    fail_unless(support::becomes([&] { return camera.count("Stop") == 1; }));
    g_signal_emit_by_name(element.get(), "ptz-move", 1.0, 0.0, 0.0, 600000, longer.promise.get());
    longer.success();
    element.reset();
    fail_unless_equals_int(camera.count("Stop"), 2);
}
GST_END_TEST

GST_START_TEST(endsWhileTheCameraHangs) {
    SteerableCamera camera;
    camera.answer("GetStatus", {200, "", true, "", true});
    std::size_t before = 0;
    for (int i = 0; i < 20; i++) {
        auto element = source(camera.url());
        g_object_set(element.get(), "timeout", 600000, nullptr);
        Outcome hanging, waiting;
        g_signal_emit_by_name(element.get(), "ptz-status", hanging.promise.get());
        g_signal_emit_by_name(element.get(), "ptz-home", waiting.promise.get());
        while (camera.count("GetStatus") <= i)
            g_usleep(1000);
        element.reset();
        fail_unless(has(hanging.error(), "stopped before"));
        fail_unless(has(waiting.error(), "stopped before"));
        if (i == 9)
            before = support::threads();
    }
    fail_unless(support::becomes([&] { return support::threads() <= before; }));
}
GST_END_TEST

static Suite* onvifactions_suite() {
    Suite* suite = suite_create("onvifactions");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, headMoves);
    tcase_add_test(tests, headTells);
    tcase_add_test(tests, pictureIsAdjusted);
    tcase_add_test(tests, pictureIsTakenM7);
    tcase_add_test(tests, errorsSayWhatToDo);
    tcase_add_test(tests, tellsTheBusWithoutAPromise);
    tcase_add_test(tests, newestMoveWins);
    tcase_add_test(tests, stopsTheHeadItselfP1);
    tcase_add_test(tests, endsWhileTheCameraHangs);
    return suite;
}

GST_CHECK_MAIN(onvifactions);
