// Cameras that want SHA-256 at their stream: rtspsrc cannot, onvifsrc can.
#include "cameraprogram.hpp"
#include "player.hpp"

static const char* const password = "s3cret w\u00f6rd&\"";

static std::unique_ptr<CameraProgram> camera(const std::string& auth,
                                             const std::vector<std::string>& more = {}) {
    std::vector<std::string> options = {"--auth",         auth,      "--width", "320",
                                        "--height",       "180",     "--fps",   "10",
                                        "--no-discovery", "--audio", "pcmu"};
    options.insert(options.end(), more.begin(), more.end());
    return std::make_unique<CameraProgram>(options, password);
}

static void authorize(Player& player, const char* element) {
    g_object_set(player[element].get(), "user-id", "admin", "user-pw", password, nullptr);
}

static const struct {
    const char *auth, *protocols;
} ways[] = {{"digest-sha256", "tcp"},
            {"digest-sha256", "udp"},
            {"digest-sha256", "http"},
            {"digest-both", "tcp"},
            {"digest", "tcp"}};

GST_START_TEST(logsIn) {
    const auto program = camera(ways[__i__].auth);
    Player player("onvifsrc name=c location=" + program->url +
                  " protocols=" + ways[__i__].protocols +
                  " c. ! rtph264depay ! fakesink name=out sync=false"
                  " c. ! rtppcmudepay ! fakesink name=out2 sync=false");
    authorize(player, "c");
    player.play();
    player.expectBuffers("out", 10);
    player.expectBuffers("out2", 10);
    player.stop();
}
GST_END_TEST

/// What is asked while it plays needs the login as well: without it the camera ends the session.
GST_START_TEST(staysLoggedIn) {
    const auto program = camera("digest-sha256", {"--ill", "session-timeout=12"});
    Player player("onvifsrc name=c timeout=3000 location=" + program->url +
                  " ! rtph264depay ! fakesink name=out sync=false");
    authorize(player, "c");
    player.play();
    player.expectBuffers("out", 160);
    fail_unless_equals_int(player.told["onvif-offline"], 0);
}
GST_END_TEST

/// Each connection has a nonce of its own.
GST_START_TEST(logsInAgain) {
    const auto program = camera("digest-sha256");
    Player player("onvifsrc name=c timeout=5000 reconnect-min-delay=100 location=" + program->url +
                  " ! rtph264depay ! fakesink name=out sync=false");
    authorize(player, "c");
    player.play();
    player.expectBuffers("out", 5);
    program->end();
    player.expectMessage("onvif-offline");
    program->startAgain();
    player.expectMessage("onvif-online");
    player.expectBuffers("out", player.rendered("out") + 10);
}
GST_END_TEST

/// An rtspsrc of somebody else is left as it is, also beside ours.
GST_START_TEST(leavesOthersAlone) {
    const auto program = camera("digest-sha256");
    Player player("rtspsrc name=r protocols=tcp location=" + program->rtsp + " ! fakesink");
    authorize(player, "r");
    player.play();
    player.expectError();
}
GST_END_TEST

static Suite* onvifrtsplogin_suite() {
    Suite* suite = suite_create("onvifrtsplogin");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, logsIn, 0, G_N_ELEMENTS(ways));
    tcase_add_test(tests, staysLoggedIn);
    tcase_add_test(tests, logsInAgain);
    tcase_add_test(tests, leavesOthersAlone);
    return suite;
}

GST_CHECK_MAIN(onvifrtsplogin);
