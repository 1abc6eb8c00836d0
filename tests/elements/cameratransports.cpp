// Every way in which stock clients take the virtual camera's streams.
#include "camerawatch.hpp"
#include "net/digest.hpp"
#include "support/ownnetwork.hpp"

#include <gio/gio.h>

#include <fstream>
#include <iterator>

namespace {

std::string scheme(const std::string& url, const std::string& name) {
    return name + url.substr(url.find("://"));
}

/// Some pictures in the right order, by a pipeline that ends in "out".
void watch(const std::string& line) {
    Player player(line);
    player.play();
    std::uint32_t last = 0;
    for (int i = 0; i < 5; ++i) {
        const std::uint32_t number = numberOf(pull(player, "out").get());
        fail_unless(number > last, "%u after %u", number, last);
        last = number;
    }
}

/// What FFmpeg says about an address, when it comes by `transport`.
std::string ffprobe(const std::string& url, const char* transport) {
    GSubprocess* process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, nullptr, "timeout",
                                            "300", "ffprobe", "-v", "quiet", "-rtsp_transport",
                                            transport, "-show_streams", url.c_str(), nullptr);
    fail_unless(process != nullptr, "ffprobe is not installed");
    char* out = nullptr;
    g_subprocess_communicate_utf8(process, nullptr, nullptr, &out, nullptr, nullptr);
    g_object_unref(process);
    const std::string text = out ? out : "";
    g_free(out);
    return text;
}

std::vector<std::string> challengesIn(const std::string& answer) {
    std::vector<std::string> all;
    const std::string name = "WWW-Authenticate: ";
    for (auto at = answer.find(name); at != std::string::npos; at = answer.find(name, at + 1))
        all.push_back(answer.substr(at + name.size(), answer.find("\r\n", at) - at - name.size()));
    return all;
}

} // namespace

GST_START_TEST(throughHttp) {
    const camera::VirtualCamera camera(small());
    watch(viewer(scheme(camera.rtspUrl("sub"), "rtsph"), "tcp"));
}
GST_END_TEST

GST_START_TEST(overTls) {
    auto settings = small();
    settings.tls = true;
    const camera::VirtualCamera camera(settings);
    const std::string url = camera.rtspUrl("sub");
    fail_unless(says(url, "rtsps://"), "%s", url.c_str());
    // A stock client wants to be told that nobody has signed for the camera.
    Player careful("rtspsrc protocols=tcp location=" + url + " ! fakesink");
    careful.play();
    careful.expectError();
    careful.stop();
    watch("rtspsrc protocols=tcp tls-validation-flags=0 location=" + url +
          " ! rtph264depay wait-for-keyframe=true ! avdec_h264 ! videoconvert ! "
          "video/x-raw,format=BGRx ! appsink sync=false max-buffers=5 name=out");
    // Nothing goes out in the clear.
    const Connection connection(url);
    connection.send("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    fail_if(says(connection.all(), "RTSP/1.0 200"));
}
GST_END_TEST

GST_START_TEST(overIpv6) {
    std::ifstream file("/proc/net/if_inet6");
    const std::string addresses{std::istreambuf_iterator<char>(file), {}};
    if (!says(addresses, std::string(31, '0') + "1 ")) { // ::1
        g_print("skipped: this machine has no IPv6\n");
        return;
    }
    auto settings = small();
    settings.address = "::1";
    const camera::VirtualCamera camera(settings);
    const std::string url = camera.rtspUrl("sub");
    fail_unless(says(url, "rtsp://[::1]:"), "%s", url.c_str());
    for (const char* protocols : {"tcp", "udp"})
        watch(viewer(url, protocols));
}
GST_END_TEST

GST_START_TEST(byMulticast) {
    enterOwnNetwork();
    auto settings = small();
    {
        const camera::VirtualCamera shy(settings);
        Player player("rtspsrc protocols=udp-mcast location=" + shy.rtspUrl("sub") + " ! fakesink");
        player.play();
        player.expectError();
    }
    settings.multicast = true;
    const camera::VirtualCamera camera(settings);
    watch(viewer(camera.rtspUrl("sub"), "udp"));
    const std::string line =
        "rtspsrc multicast-iface=lo protocols=udp-mcast location=" + camera.rtspUrl("sub") +
        " ! rtph264depay wait-for-keyframe=true ! avdec_h264 ! videoconvert ! "
        "video/x-raw,format=BGRx ! appsink sync=false max-buffers=5 name=";
    Player player(line + "one " + line + "two");
    player.play();
    // Ten seconds: the camera's first report, which comes back to it, is followed by pictures.
    for (int i = 0; i < 100; ++i) {
        pull(player, "one");
        pull(player, "two");
    }
}
GST_END_TEST

GST_START_TEST(ffmpegUnderstandsIt) {
    const camera::VirtualCamera camera(small());
    const struct {
        const char* transport;
        std::string url;
    } ways[] = {{"tcp", camera.rtspUrl("main")},
                {"udp", camera.rtspUrl("main")},
                {"http", camera.rtspUrl("main")},
                {"tcp", camera.replayUrl(camera.recordings().front())}};
    for (const auto& way : ways) {
        const std::string said = ffprobe(way.url, way.transport);
        fail_unless(says(said, "codec_name=h264") && says(said, "width=640"), "%s %s: %s",
                    way.transport, way.url.c_str(), said.c_str());
    }
}
GST_END_TEST

GST_START_TEST(digestOfEachKind) {
    const struct {
        camera::Auth auth;
        const char* ill;
        std::size_t challenges;
        bool sha256;
    } kinds[] = {{camera::Auth::Digest, nullptr, 1, false},
                 {camera::Auth::DigestBoth, nullptr, 2, true},
                 {camera::Auth::DigestSha256, nullptr, 1, true},
                 {camera::Auth::Digest, "rtsp-sha256", 1, true}};
    for (const auto& kind : kinds) {
        auto settings = small();
        settings.auth = kind.auth;
        settings.password = "s3cret";
        if (kind.ill)
            settings.ills[kind.ill] = "";
        const camera::VirtualCamera camera(settings);
        const std::string url = camera.rtspUrl("sub");
        const Connection connection(url);
        const auto describe = [&](const std::string& headers) {
            connection.send("DESCRIBE " + url + " RTSP/1.0\r\nCSeq: 1\r\n" + headers + "\r\n");
            return connection.until("\r\n\r\n");
        };
        const std::string refused = describe("");
        fail_unless(says(refused, "RTSP/1.0 401 "), "%s", refused.c_str());
        const auto challenges = challengesIn(refused);
        fail_unless_equals_int(challenges.size(), kind.challenges);
        fail_unless(says(challenges.front(), "SHA-256") == kind.sha256, "%s",
                    challenges.front().c_str());
        const auto chosen = net::chooseChallenge(net::digestChallenges(challenges));
        for (const char* word : {"wrong", "s3cret"}) {
            const std::string proof =
                net::digestAuthorization(*chosen, {"admin", word}, {"DESCRIBE", url, {}, {}, 1});
            const std::string answer = describe("Authorization: " + proof + "\r\n");
            fail_unless(says(answer, word == settings.password ? "RTSP/1.0 200 " : "RTSP/1.0 401 "),
                        "%s", answer.c_str());
        }
    }
}
GST_END_TEST

static Suite* cameratransports_suite() {
    Suite* suite = suite_create("cameratransports");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, throughHttp);
    tcase_add_test(tests, overTls);
    tcase_add_test(tests, overIpv6);
    tcase_add_test(tests, byMulticast);
    tcase_add_test(tests, ffmpegUnderstandsIt);
    tcase_add_test(tests, digestOfEachKind);
    return suite;
}

GST_CHECK_MAIN(cameratransports);
