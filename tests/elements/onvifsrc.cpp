#include "glue/ref.hpp"
#include "player.hpp"
#include "soapcamera.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <filesystem>
#include <string>

using glue::Ref;

static const char* videoAndAudio =
    "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! x264enc "
    "tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 "
    "config-interval=1 "
    "audiotestsrc is-live=true wave=silence ! audio/x-raw,rate=8000,channels=1 ! alawenc ! "
    "rtppcmapay "
    "name=pay1 )";

static std::string source(const SoapCamera& camera, const std::string& more = "") {
    return "onvifsrc name=c location=" + camera.url() + " " + more + " ";
}

static void assertContains(const std::string& text, const char* part) {
    fail_unless(text.find(part) != std::string::npos, "'%s' lacks '%s'", text.c_str(), part);
}

GST_START_TEST(linksToADepayloader) {
    SoapCamera camera;
    camera.stream(videoAndAudio);
    Player player(source(camera) + "! rtph264depay ! fakesink name=out sync=false");
    player.play();
    player.expectBuffers("out", 10);
    player.expectMessage("onvif-playing");
    fail_unless(player.device != nullptr);
    fail_unless_equals_string(gst_structure_get_string(player.device.get(), "model"), "Eye 1");
    fail_unless_equals_string(gst_structure_get_string(player.device.get(), "profile"), "large");
    GstStructure* raw = nullptr;
    g_object_get(player["c"].get(), "stats", &raw, nullptr);
    const Ref<GstStructure> stats(raw);
    guint64 packets = 0;
    fail_unless(gst_structure_get_uint64(stats.get(), "video-packets", &packets));
    fail_unless(packets >= 10);
    fail_unless_equals_string(gst_structure_get_string(stats.get(), "authentication"), "none");
    player.stop();
}
GST_END_TEST

GST_START_TEST(linksToDecodebin) {
    SoapCamera camera;
    camera.stream(videoAndAudio);
    Player player(source(camera) + "! decodebin ! video/x-raw ! fakesink name=out sync=false");
    player.play();
    player.expectBuffers("out", 5);
}
GST_END_TEST

GST_START_TEST(linksBothToBranches) {
    SoapCamera camera;
    camera.stream(videoAndAudio);
    Player player(source(camera) + "c. ! rtph264depay ! queue ! fakesink name=out1 sync=false "
                                   "c. ! queue ! rtppcmadepay ! fakesink name=out2 sync=false");
    player.play();
    player.expectBuffers("out1", 5);
    player.expectBuffers("out2", 5);
}
GST_END_TEST

GST_START_TEST(linksByPadName) {
    SoapCamera camera;
    camera.stream(videoAndAudio);
    Player player(source(camera, "protocols=udp") +
                  "c.video_0 ! parsebin ! fakesink name=out1 sync=false "
                  "c.audio_0 ! decodebin ! fakesink name=out2 sync=false");
    player.play();
    player.expectBuffers("out1", 5);
    player.expectBuffers("out2", 5);
}
GST_END_TEST

GST_START_TEST(nothingLinkedIsAnError) {
    SoapCamera camera;
    camera.stream(videoAndAudio);
    Player player(source(camera, "timeout=1000") + "fakesrc num-buffers=1 ! fakesink async=false");
    player.play();
    player.expectError();
    assertContains(player.error, "video_0 (H264)");
    assertContains(player.error, "audio_0 (PCMA)");
}
GST_END_TEST

GST_START_TEST(profileIsChosenByName) {
    SoapCamera camera;
    camera.stream(videoAndAudio);
    Player player(source(camera, "profile=SUB") + "! rtph264depay ! fakesink name=out sync=false");
    player.play();
    player.expectBuffers("out", 1);
    fail_unless_equals_string(gst_structure_get_string(player.device.get(), "profile"), "small");
}
GST_END_TEST

static std::string errorOf(const std::string& element) {
    Player player(element + " ! fakesink");
    player.play();
    player.expectError();
    fail_if((player.error + player.details).find("s3cret") != std::string::npos);
    return player.error;
}

GST_START_TEST(errorsSayWhatToDo) {
    SoapCamera camera;
    camera.stream(videoAndAudio);
    assertContains(errorOf(source(camera, "profile=nosuch")), "main (large, H264 640x480)");
    assertContains(errorOf("onvifsrc location=onvif://127.0.0.1:1"), "check the address");
    assertContains(errorOf("onvifsrc location=onvif://user:s3cret@ho\\ st"), "onvif://HOST:PORT");
    assertContains(errorOf("onvifsrc location=rtsp://user:s3cret@127.0.0.1/x"), "rtspsrc");
    assertContains(errorOf("onvifsrc interfaces=none9"), "set interfaces to some of");

    camera.answer("GetStreamUri", {500, SoapCamera::fault("ter:NoProfile", "no such")});
    assertContains(errorOf(source(camera)), "no stream address");
    camera.judge = [](const SoapCamera::Request&, const SoapCamera::Answer&) {
        return SoapCamera::Answer{200, "<html><body>hello</body></html>", true};
    };
    assertContains(errorOf(source(camera)), "ONVIF is switched on");
    camera.judge = [](const SoapCamera::Request& r, const SoapCamera::Answer& usual) {
        SoapCamera::Answer refusal{401, "", true, "Digest realm=\"x\", nonce=\"n\", qop=\"auth\""};
        return r.operation == "GetProfiles" ? refusal : usual;
    };
    assertContains(errorOf(source(camera)), "set user-id and user-pw");
    const int before = camera.count("GetProfiles");
    assertContains(errorOf(source(camera, "user-id=admin user-pw=s3cret")),
                   "check user-id and user-pw");
    fail_unless_equals_int(camera.count("GetProfiles"),
                           before + 2); // bare, and once with a password
}
GST_END_TEST

GST_START_TEST(secretsAreNotReadable) {
    const Ref<GstElement> element(gst_element_factory_make("onvifsrc", nullptr));
    g_object_set(element.get(), "location", "onvif://adm%40in:s3/cret@192.0.2.1:80/x", nullptr);
    char *location = nullptr, *user = nullptr;
    g_object_get(element.get(), "location", &location, "user-id", &user, nullptr);
    fail_unless_equals_string(location, "onvif://192.0.2.1:80/x");
    fail_unless_equals_string(user, "adm@in");
    GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), "user-pw");
    fail_unless(spec && !(spec->flags & G_PARAM_READABLE));
    g_free(location);
    g_free(user);
}
GST_END_TEST

/// The way to NULL is free while the camera does not answer, and leaves nothing behind.
GST_START_TEST(stopsWhileTheCameraHangs) {
    SoapCamera camera;
    camera.answer("GetServices", {200, "", true, "", true});
    std::size_t threads = 0, files = 0;
    for (int i = 0; i < 20; i++) {
        Player player(source(camera, "timeout=600000") + "! fakesink");
        const int asked = camera.count("GetServices");
        player.play();
        while (camera.count("GetServices") == asked)
            g_usleep(1000);
        player.stop();
        if (i == 9) {
            threads = support::threads();
            files = support::descriptors();
        }
    }
    fail_unless(support::becomes([&] { return support::threads() <= threads; }));
    // The camera's side of a connection that was cut may live a moment longer.
    fail_unless(support::becomes([&] { return support::descriptors() <= files + 12; }),
                "%zu then, %zu now", files, support::descriptors());
}
GST_END_TEST

static void linkVideo(GstElement*, GstPad* pad, gpointer depayloader) {
    if (g_str_has_prefix(GST_PAD_NAME(pad), "video_")) {
        const Ref<GstPad> sink(gst_element_get_static_pad(GST_ELEMENT(depayloader), "sink"));
        fail_unless_equals_int(gst_pad_link(pad, sink.get()), GST_PAD_LINK_OK);
    }
}

GST_START_TEST(startsAgain) {
    SoapCamera camera;
    camera.stream(videoAndAudio);
    // What a launch line links late it links once: a program does it itself.
    Player player(source(camera) + "rtph264depay name=d ! fakesink name=out sync=false");
    g_signal_connect(player["c"].get(), "pad-added", G_CALLBACK(linkVideo), player["d"].get());
    for (int i = 0; i < 3; i++) {
        player.play();
        player.expectBuffers("out", 3);
        player.stop();
        fail_unless(GST_ELEMENT(player["c"].get())->srcpads == nullptr);
    }
}
GST_END_TEST

/// One nobody has signed, as cameras have them; nothing where there is no openssl to make it.
static GTlsCertificate* selfSigned() {
    char folder[] = "/tmp/onvifsrc-XXXXXX";
    fail_unless(g_mkdtemp(folder) != nullptr);
    const std::string file = std::string(folder) + "/both.pem";
    const std::string command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=camera "
        "-keyout " +
        file + " -out " + file + ".crt";
    int status = 1;
    g_spawn_command_line_sync(command.c_str(), nullptr, nullptr, &status, nullptr);
    GTlsCertificate* made = status == 0 ? g_tls_certificate_new_from_files((file + ".crt").c_str(),
                                                                           file.c_str(), nullptr)
                                        : nullptr;
    std::filesystem::remove_all(folder);
    return made;
}

/// Quirk H6: https with a certificate of its own is refused with a way out, and taken when allowed.
GST_START_TEST(certificatesH6) {
    GTlsCertificate* certificate = selfSigned();
    if (!certificate) {
        g_print("skipped: no certificate without openssl\n");
        return;
    }
    SoapCamera camera(certificate);
    camera.stream(videoAndAudio);
    assertContains(errorOf(source(camera)), "tls-validation-flags");
    fail_unless_equals_int(camera.count("GetServices"), 0);
    Player player(source(camera, "tls-validation-flags=0") +
                  "! rtph264depay ! fakesink name=out sync=false");
    player.play();
    player.expectBuffers("out", 3);
    player.stop();
    g_object_unref(certificate);
}
GST_END_TEST

static Suite* onvifsrc_suite() {
    Suite* suite = suite_create("onvifsrc");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, linksToADepayloader);
    tcase_add_test(tests, linksToDecodebin);
    tcase_add_test(tests, linksBothToBranches);
    tcase_add_test(tests, linksByPadName);
    tcase_add_test(tests, nothingLinkedIsAnError);
    tcase_add_test(tests, profileIsChosenByName);
    tcase_add_test(tests, errorsSayWhatToDo);
    tcase_add_test(tests, secretsAreNotReadable);
    tcase_add_test(tests, stopsWhileTheCameraHangs);
    tcase_add_test(tests, startsAgain);
    tcase_add_test(tests, certificatesH6);
    return suite;
}

GST_CHECK_MAIN(onvifsrc);
