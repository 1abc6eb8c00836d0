// Every way in which a camera's stream comes to onvifsrc, and stays.
#include "cameraprogram.hpp"
#include "player.hpp"
#include "support/ownnetwork.hpp"

static std::unique_ptr<CameraProgram> camera(const std::vector<std::string>& more = {}) {
    std::vector<std::string> options = {"--width", "320",          "--height", "180",     "--fps",
                                        "10",      "--interfaces", "lo",       "--audio", "pcmu"};
    options.insert(options.end(), more.begin(), more.end());
    return std::make_unique<CameraProgram>(options);
}

static const char* const picture = " c.video_0 ! rtph264depay ! fakesink name=out sync=false";

static const char* const transports[] = {"tcp", "udp", "udp-mcast", "http", "udp+udp-mcast+tcp"};

GST_START_TEST(comesByEachTransport) {
    enterOwnNetwork(); // multicast is heard by everybody
    const auto program = camera({"--multicast"});
    Player player("onvifsrc name=c metadata=true interfaces=lo location=" + program->url +
                  " protocols=" + transports[__i__] + picture +
                  " c.audio_0 ! rtppcmudepay ! fakesink name=sound sync=false"
                  " c.application_0 ! onvifmetadatadepay ! fakesink name=facts sync=false");
    player.play();
    for (const char* sink : {"out", "sound", "facts"})
        player.expectBuffers(sink, 3);
    player.expectBuffers("out", 15);
    // On one machine both ends are in the group: a goodbye is heard there now and then, and the
    // stream comes back as after any loss.
    if (transports[__i__] != std::string("udp-mcast"))
        fail_unless_equals_int(player.told["onvif-offline"], 0);
    player.stop();
}
GST_END_TEST

static const char* const patient[] = {"tcp", "http"};

/// The camera counts questions only. It is asked often enough that the session never ends.
GST_START_TEST(keepsTheSession) {
    const auto program = camera({"--no-discovery", "--ill", "session-timeout=12"});
    Player player("onvifsrc name=c timeout=3000 location=" + program->url +
                  " protocols=" + patient[__i__] + picture);
    player.play();
    player.expectBuffers("out", 160);
    fail_unless_equals_int(player.told["onvif-offline"], 0);
}
GST_END_TEST

static std::string other(const std::string& url) {
    std::string moved = url;
    return moved.replace(moved.find("127.0.0.1"), 9, "127.0.0.2");
}

static const struct {
    bool located;
    const char* more;
    bool follows;
} users[] = {{false, "", true}, {true, "follow-address=true", true}, {true, "", false}};

/// It comes back at another address. Who gave the first one does not want just anybody at another.
GST_START_TEST(isFollowedAsFarAsItsUserSaid) {
    if (!enterOwnNetwork())
        return;
    const auto& user = users[__i__];
    const auto program = camera();
    Player player("onvifsrc name=c interfaces=lo timeout=3000 reconnect-min-delay=50 "
                  "reconnect-max-delay=100 " +
                  std::string(user.more) + (user.located ? " location=" + program->url : "") +
                  picture);
    player.play();
    player.expectMessage("onvif-device");
    player.expectBuffers("out", 5);
    g_usleep(5 * G_USEC_PER_SEC); // for its endpoint to be known
    const std::string before = program->url;
    program->end();
    player.expectMessage("onvif-offline");
    program->startAgain({"--address", "127.0.0.2"});
    fail_unless(program->url == other(before), "%s", program->url.c_str());
    if (!user.follows) {
        player.expectMessage("onvif-offline", 8);
        fail_unless_equals_int(player.told["onvif-online"], 0);
        return;
    }
    player.expectMessage("onvif-online");
    player.expectBuffers("out", player.rendered("out") + 5);
}
GST_END_TEST

static Suite* onvifsrctransports_suite() {
    Suite* suite = suite_create("onvifsrctransports");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, comesByEachTransport, 0, G_N_ELEMENTS(transports));
    tcase_add_loop_test(tests, keepsTheSession, 0, G_N_ELEMENTS(patient));
    tcase_add_loop_test(tests, isFollowedAsFarAsItsUserSaid, 0, G_N_ELEMENTS(users));
    return suite;
}

GST_CHECK_MAIN(onvifsrctransports);
