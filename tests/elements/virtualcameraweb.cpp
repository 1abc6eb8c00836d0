// The virtual camera as a client of its services meets it, on real sockets.
#include "scenewatch.hpp"
#include "support/ownnetwork.hpp"
#include "webwatch.hpp"

#include <cstdio>
#include <fstream>

GST_START_TEST(snapshots) {
    const camera::VirtualCamera camera(small());
    for (const char* token : {"main", "sub"}) {
        const std::string answer =
            askWeb(camera, request("GET", "/snapshot/" + std::string(token)));
        fail_unless(says(answer, "HTTP/1.1 200 ") && says(answer, "image/jpeg"));
        const std::string path =
            std::string(g_get_tmp_dir()) + "/snapshot-" + std::to_string(getpid()) + ".jpg";
        std::ofstream(path, std::ios::binary) << answer.substr(answer.find("\r\n\r\n") + 4);
        Player player("filesrc location=" + path +
                      " ! jpegdec ! videoconvert ! video/x-raw,format=BGRx ! appsink name=out");
        player.play();
        checkScene(pull(player, "out").get(), 640, 360, 10);
        std::remove(path.c_str());
    }
    fail_unless(says(askWeb(camera, request("GET", "/snapshot/none")), "HTTP/1.1 404 "));
    fail_unless(says(askWeb(camera, request("POST", "/snapshot/main", "x")), "HTTP/1.1 405 "));
}
GST_END_TEST

GST_START_TEST(webRequests) {
    const camera::VirtualCamera camera(small());
    fail_unless(says(askWeb(camera, soapCall("GetSystemDateAndTime")), "UTCDateTime"));
    fail_unless(
        says(askWeb(camera, soapCall("GetDeviceInformation")), "<tds:Model>Virtual camera<"));
    const std::string unknown = askWeb(camera, soapCall("MakeCoffee"));
    fail_unless(says(unknown, "HTTP/1.1 500 ") && says(unknown, "ter:ActionNotSupported"));
    fail_unless(
        says(askWeb(camera, request("POST", "/onvif/device_service", "<a")), "ter:WellFormed"));
    fail_unless(says(askWeb(camera, request("GET", "/onvif/device_service")), "HTTP/1.1 405 "));
    fail_unless(says(askWeb(camera, request("POST", "/elsewhere", "<a/>")), "HTTP/1.1 404 "));
    const std::string huge = request("POST", "/onvif/device_service", std::string(1 << 20, 'x'));
    fail_if(says(askWeb(camera, huge), "HTTP/1.1 200 "));
    // A host that would end up in addresses as something else than a host is not repeated.
    const std::string answer = askWeb(
        camera,
        "POST /onvif/device_service HTTP/1.1\r\nHost: a<b>\"c\r\nContent-Length: 99\r\n\r\n" +
            std::string("<Envelope><Body><GetServices/></Body></Envelope>") + std::string(51, ' '));
    fail_if(says(answer, "a<b>") || says(answer, "a&lt;b"));
}
GST_END_TEST

GST_START_TEST(webRequestsOfStrangers) {
    const struct {
        camera::Auth auth;
        int status;
    } modes[] = {{camera::Auth::Digest, 401}, {camera::Auth::Wsse, 400}, {camera::Auth::Both, 401}};
    for (const auto& mode : modes) {
        auto settings = small();
        settings.auth = mode.auth;
        settings.password = "s3cret";
        // The picture alone: rtspsrc adds the pads of several tracks at once, in threads of their
        // own, and then GStreamer's launch lines link late twice.
        settings.audio = camera::Audio::None;
        settings.metadata = false;
        const camera::VirtualCamera camera(settings);
        const std::string status = "HTTP/1.1 " + std::to_string(mode.status) + " ";
        fail_unless(says(askWeb(camera, soapCall("GetSystemDateAndTime")), "HTTP/1.1 200 "));
        for (const std::string& bytes : {soapCall("GetDeviceInformation"), soapCall("MakeCoffee"),
                                         request("POST", "/onvif/media_service"),
                                         request("POST", "/onvif/media_service", "<a")}) {
            const std::string answer = askWeb(camera, bytes);
            fail_unless(says(answer, status), "%s", answer.c_str());
            fail_unless(says(answer, "ter:NotAuthorized"));
            fail_unless(says(answer, "algorithm=SHA-256") == (mode.status == 401));
            fail_if(says(answer, "s3cret"));
        }
        fail_unless(says(askWeb(camera, request("GET", "/snapshot/main")), "HTTP/1.1 401 "));

        for (const char* word : {"s3cret", "wrong"}) {
            Player player("rtspsrc name=r protocols=tcp user-id=admin location=" +
                          camera.rtspUrl("sub") + " ! rtph264depay ! fakesink name=out sync=false");
            g_object_set(player["r"].get(), "user-pw", word, nullptr);
            player.play();
            if (word == settings.password)
                player.expectBuffers("out", 3);
            else
                player.expectError();
        }
    }
}
GST_END_TEST

GST_START_TEST(probesAreAnswered) {
    enterOwnNetwork();
    auto one = small(), two = small();
    two.name = "Second";
    const camera::VirtualCamera first(one), second(two);
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ip_mreqn lo{};
    lo.imr_ifindex = static_cast<int>(if_nametoindex("lo"));
    fail_unless(setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo) == 0);
    const timeval patience{20, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::string probe =
        "<e:Envelope "
        "xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Header><MessageID>urn:uuid:7"
        "</MessageID><Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</Action></"
        "e:Header>"
        "<e:Body><Probe/></e:Body></e:Envelope>";
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(3702);
    std::string all;
    char part[65536];
    const auto ask = [&](const char* address, int answers) {
        inet_pton(AF_INET, address, &to.sin_addr);
        sendto(descriptor, probe.data(), probe.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to);
        for (all.clear(); answers > 0; --answers) {
            const ssize_t n = recv(descriptor, part, sizeof part, 0);
            fail_unless(n > 0, "%d answers are missing", answers);
            all.append(part, static_cast<std::size_t>(n));
        }
    };
    ask("239.255.255.250", 2);
    fail_unless(says(all, ">" + first.deviceServiceUrl() + "<"));
    fail_unless(says(all, ">" + second.deviceServiceUrl() + "<"));
    ask("127.0.0.1", 1); // the system hands it to one of them
    fail_unless(says(all, "ProbeMatches") && says(all, ">urn:uuid:7<"));
    close(descriptor);
}
GST_END_TEST

static Suite* virtualcameraweb_suite() {
    Suite* suite = suite_create("virtualcameraweb");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, snapshots);
    tcase_add_test(tests, webRequests);
    tcase_add_test(tests, webRequestsOfStrangers);
    tcase_add_test(tests, probesAreAnswered);
    return suite;
}

GST_CHECK_MAIN(virtualcameraweb);
