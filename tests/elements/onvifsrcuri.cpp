// onvif:// for whatever takes an address: playbin, uridecodebin, urisourcebin.
#include "cameraprogram.hpp"
#include "player.hpp"

static std::string uriOf(const CameraProgram& camera, const std::string& user = "") {
    return "onvif://" + user + camera.url.substr(camera.url.find("://") + 3);
}

static const char* const takers[] = {
    "urisourcebin uri=\"%s\" ! decodebin ! video/x-raw ! fakesink name=out sync=false",
    "uridecodebin uri=\"%s\" ! video/x-raw ! fakesink name=out sync=false",
    "uridecodebin3 uri=\"%s\" caps=video/x-raw ! fakesink name=out sync=false",
    "playbin uri=\"%s\" flags=video video-sink=\"fakesink name=out sync=false\"",
};

GST_START_TEST(isTakenBy) {
    const CameraProgram camera(
        {"--width", "320", "--height", "180", "--fps", "10", "--audio", "none", "--no-discovery"});
    char* launch = g_strdup_printf(takers[__i__], uriOf(camera).c_str());
    Player player(launch);
    g_free(launch);
    player.play();
    // playbin takes its sink in when there is something for it.
    for (int i = 0; i < 600 && !player["out"]; i++)
        g_usleep(50 * 1000);
    player.expectBuffers("out", 5);
}
GST_END_TEST

/// What is read back has no password in it, and is an address all the same.
GST_START_TEST(keepsSecrets) {
    const struct {
        const char *given, *read;
    } rows[] = {
        {"onvif://admin:s3cret@192.0.2.1:8000/x", "onvif://192.0.2.1:8000/x"},
        {"onvifs://admin:s3c%2Fret@camera.local", "onvifs://camera.local"},
        {"onvif://[2001:db8::1]", "onvif://[2001:db8::1]"},
    };
    for (const auto& row : rows) {
        const glue::Ref<GstElement> element(
            gst_element_make_from_uri(GST_URI_SRC, row.given, nullptr, nullptr));
        fail_unless(element != nullptr, "%s", row.given);
        char* uri = gst_uri_handler_get_uri(GST_URI_HANDLER(element.get()));
        fail_unless_equals_string(uri, row.read);
        g_free(uri);
        char* user = nullptr;
        g_object_get(element.get(), "user-id", &user, nullptr);
        if (strchr(row.given, '@'))
            fail_unless_equals_string(user, "admin");
        g_free(user);
    }
    GError* error = nullptr;
    fail_unless(gst_element_make_from_uri(GST_URI_SRC, "onvif://u:s3cret@:99999", nullptr,
                                          &error) == nullptr);
    fail_if(error && strstr(error->message, "s3cret"), "%s", error->message);
    g_clear_error(&error);
}
GST_END_TEST

static Suite* onvifsrcuri_suite() {
    Suite* suite = suite_create("onvifsrcuri");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, isTakenBy, 0, G_N_ELEMENTS(takers));
    tcase_add_test(tests, keepsSecrets);
    return suite;
}

GST_CHECK_MAIN(onvifsrcuri);
