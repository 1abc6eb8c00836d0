// onvifsrc at the virtual camera: everything on real sockets, in every way it lets people in.
#include "cameraprogram.hpp"
#include "player.hpp"
#include "support/ownnetwork.hpp"

static const char* password = "s3cret w\u00f6rd&\"";

static CameraProgram* camera(const char* auth) {
    return new CameraProgram({"--auth", auth, "--width", "320", "--height", "180", "--fps", "10",
                              "--interfaces", "lo", "--name", std::string("Camera with ") + auth},
                             password);
}

/// What a user and a program would write, with the password not in the launch line.
static void authorize(Player& player, const char* word) {
    g_object_set(player["c"].get(), "user-id", "admin", "user-pw", word, nullptr);
}

static const char* const ways[] = {"none", "digest", "wsse", "both"};

GST_START_TEST(everyWayIn) {
    const std::unique_ptr<CameraProgram> program(camera(ways[__i__]));
    Player player("onvifsrc name=c location=" + program->url +
                  " ! decodebin ! video/x-raw,width=320,height=180 ! fakesink name=out sync=false");
    authorize(player, password);
    player.play();
    player.expectBuffers("out", 10);
    fail_unless_equals_string(gst_structure_get_string(player.device.get(), "profile"), "main");
    GstStructure* raw = nullptr;
    g_object_get(player["c"].get(), "stats", &raw, nullptr);
    const glue::Ref<GstStructure> stats(raw);
    const char* expected[] = {"none", "digest MD5", "username token", "digest MD5"};
    fail_unless_equals_string(gst_structure_get_string(stats.get(), "authentication"),
                              expected[__i__]);
    fail_unless_equals_string(gst_structure_get_string(stats.get(), "phase"), "playing");
}
GST_END_TEST

GST_START_TEST(wrongPassword) {
    if (ways[__i__] == std::string("none"))
        return;
    const std::unique_ptr<CameraProgram> program(camera(ways[__i__]));
    for (const char* word : {"wrong s3cret", ""}) {
        Player player("onvifsrc name=c location=" + program->url + " ! fakesink");
        authorize(player, word);
        if (!*word)
            g_object_set(player["c"].get(), "user-id", nullptr, nullptr);
        player.play();
        player.expectError();
        fail_unless(player.error.find("user-id and user-pw") != std::string::npos, "%s",
                    player.error.c_str());
        fail_unless((player.error + player.details).find("s3cret") == std::string::npos);
    }
}
GST_END_TEST

GST_START_TEST(pictureAndSoundOverUdp) {
    const std::unique_ptr<CameraProgram> program(camera("digest"));
    Player player("onvifsrc name=c protocols=udp profile=sub location=" + program->url +
                  " c.video_0 ! rtph264depay ! queue ! fakesink name=out1 sync=false"
                  " c.audio_0 ! queue ! decodebin ! audio/x-raw ! fakesink name=out2 sync=false");
    authorize(player, password);
    player.play();
    player.expectBuffers("out1", 5);
    player.expectBuffers("out2", 5);
    fail_unless_equals_string(gst_structure_get_string(player.device.get(), "profile"), "sub");
}
GST_END_TEST

GST_START_TEST(findsCamerasItself) {
    enterOwnNetwork();
    {
        Player nobody("onvifsrc interfaces=lo ! fakesink");
        nobody.play();
        nobody.expectError();
        fail_unless(nobody.error.find("No ONVIF camera answered") == 0, "%s", nobody.error.c_str());
    }
    const std::unique_ptr<CameraProgram> one(camera("none")), two(camera("digest"));
    Player player("onvifsrc name=c interfaces=lo ! rtph264depay ! fakesink name=out sync=false");
    authorize(player, password);
    player.play();
    player.expectBuffers("out", 5);
    const std::string taken = gst_structure_get_string(player.device.get(), "address");
    fail_unless(taken == one->url || taken == two->url, "%s", taken.c_str());
    const std::string& other = taken == one->url ? two->url : one->url;
    fail_unless(player.info.find("Playing Camera with ") == 0, "%s", player.info.c_str());
    fail_unless(player.info.find("at " + taken + ", the first") != std::string::npos);
    fail_unless(player.info.find("Others: Camera with ") != std::string::npos);
    fail_unless(player.info.find("at " + other) != std::string::npos);
}
GST_END_TEST

/// A host without a port, on which nothing speaks at 80: its discovery port knows better.
GST_START_TEST(asksTheDiscoveryPortForTheWebPort) {
    enterOwnNetwork();
    const std::unique_ptr<CameraProgram> program(camera("none"));
    Player player("onvifsrc name=c location=onvif://127.0.0.1 ! rtph264depay ! fakesink name=out "
                  "sync=false");
    player.play();
    player.expectBuffers("out", 3);
    fail_unless_equals_string(gst_structure_get_string(player.device.get(), "address"),
                              program->url.c_str());
}
GST_END_TEST

static Suite* onvifcameras_suite() {
    Suite* suite = suite_create("onvifcameras");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, everyWayIn, 0, 4);
    tcase_add_loop_test(tests, wrongPassword, 0, 4);
    tcase_add_test(tests, pictureAndSoundOverUdp);
    tcase_add_test(tests, findsCamerasItself);
    tcase_add_test(tests, asksTheDiscoveryPortForTheWebPort);
    return suite;
}

GST_CHECK_MAIN(onvifcameras);
