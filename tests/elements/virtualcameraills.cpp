// The virtual camera's services over real sockets, when it is ill, restarts or has something to
// tell: what no unit test of an answer can show.
#include "support/eventtopics.hpp"
#include "webwatch.hpp"

#include <chrono>

namespace {

camera::Settings quiet() {
    camera::Settings settings = small();
    settings.motion = false;
    settings.discovery = false;
    return settings;
}

/// A call of any service, with a header where one is given.
std::string callOf(const std::string& service, const std::string& content,
                   const std::string& header = {}) {
    return request("POST", "/onvif/" + service,
                   "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Header>" +
                       header + "</e:Header><e:Body>" + content + "</e:Body></e:Envelope>");
}

bool listens(const std::string& url) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(portOf(url))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool open = connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    close(fd);
    return open;
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto start = text.find(from);
    fail_unless(start != std::string::npos, "%s is not in %s", from.c_str(), text.c_str());
    const auto begin = start + from.size();
    return text.substr(begin, text.find(to, begin) - begin);
}

} // namespace

GST_START_TEST(connections) {
    camera::VirtualCamera camera(quiet());
    camera.ills().set("hang-up-unknown");
    fail_unless(askWeb(camera, soapCall("MakeCoffee")).empty());
    fail_unless(says(askWeb(camera, soapCall("GetHostname")), "HTTP/1.1 200 "));
    camera.ills().set("redirect", "http://127.0.0.2/elsewhere");
    const std::string moved = askWeb(camera, soapCall("GetHostname"));
    fail_unless(says(moved, "HTTP/1.1 307 ") &&
                says(moved, "Location: http://127.0.0.2/elsewhere"));
    camera.ills().clear("redirect");
    camera.ills().set("slow", "300");
    const auto start = std::chrono::steady_clock::now();
    fail_unless(says(askWeb(camera, soapCall("GetHostname")), "HTTP/1.1 200 "));
    fail_unless(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(290));
}
GST_END_TEST

GST_START_TEST(answers) {
    camera::VirtualCamera camera(quiet());
    camera.ills().set("wrong-xaddr", "inner.example");
    const std::string main = "<ProfileToken>main</ProfileToken>";
    for (const std::string& bytes :
         {soapCall("GetServices"), soapCall("GetCapabilities"),
          callOf("media_service", "<GetStreamUri>" + main + "</GetStreamUri>"),
          callOf("media_service", "<GetSnapshotUri>" + main + "</GetSnapshotUri>"),
          callOf("event_service", "<CreatePullPointSubscription/>")}) {
        const std::string answer = askWeb(camera, bytes);
        fail_unless(says(answer, "://inner.example:") && !says(answer, "127.0.0.1"), "%s",
                    answer.c_str());
    }
    camera.ills().clear("wrong-xaddr");
    camera.ills().set("media2-only");
    fail_unless(says(askWeb(camera, callOf("media_service", "<GetProfiles/>")), "HTTP/1.1 404 "));
    fail_unless(says(askWeb(camera, callOf("media2_service", "<GetProfiles/>")), "HTTP/1.1 200 "));
    camera.ills().set("fault-200-empty");
    const std::string nothing = askWeb(camera, soapCall("MakeCoffee"));
    fail_unless(says(nothing, "HTTP/1.1 200 ") && !says(nothing, "Fault"));
    camera.ills().set("wrong-encoding");
    fail_unless(says(askWeb(camera, soapCall("GetHostname")), "encoding=\"utf-16\""));
    camera.ills().set("action-required");
    fail_unless(says(askWeb(camera, soapCall("GetHostname")), "HTTP/1.1 200 ") &&
                !says(askWeb(camera, soapCall("GetHostname")), "Hostname"));
}
GST_END_TEST

GST_START_TEST(logins) {
    auto settings = quiet();
    settings.auth = camera::Auth::Digest;
    settings.password = "s3cret";
    settings.ills = {{"empty-401", ""}, {"lock-out", "3"}};
    camera::VirtualCamera camera(settings);
    const std::string refused = askWeb(camera, soapCall("GetDeviceInformation"));
    fail_unless(says(refused, "HTTP/1.1 401 ") && says(refused, "WWW-Authenticate: Digest "));
    fail_unless(refused.substr(refused.find("\r\n\r\n")) == "\r\n\r\n");
    fail_unless(says(askWeb(camera, soapCall("GetSystemDateAndTime")), "HTTP/1.1 200 "));
    camera.ills().set("clock-needs-login");
    fail_unless(says(askWeb(camera, soapCall("GetSystemDateAndTime")), "HTTP/1.1 401 "));
    fail_unless_equals_int(camera.wrongLogins(), 0);
    std::string guess = soapCall("GetScopes");
    guess.insert(guess.find("\r\n\r\n") + 2, "Authorization: Digest username=\"admin\"\r\n");
    for (int i = 0; i < 4; ++i)
        fail_unless(says(askWeb(camera, guess), "HTTP/1.1 401 "));
    fail_unless_equals_int(camera.wrongLogins(), 3); // the fourth did not get that far
    fail_unless(says(camera.control().run("wrong-logins"), "ok 3"));
}
GST_END_TEST

GST_START_TEST(records) {
    camera::VirtualCamera camera(quiet());
    askWeb(camera, callOf("media_service", "<GetProfiles/>", "<Security/>"));
    askWeb(camera, request("GET", "/snapshot/none"));
    askWeb(camera, request("POST", "/nowhere", "x"));
    const auto notes = camera.record().all();
    fail_unless_equals_int(notes.size(), 3);
    fail_unless(notes[0].operation == "GetProfiles" && notes[0].path == "/onvif/media_service");
    fail_unless(says(notes[0].body, "<Security/>") && notes[0].header("host") == "127.0.0.1");
    fail_unless(notes[1].method == "GET" && notes[1].operation.empty() && notes[1].granted);
    fail_unless(!notes[2].granted && notes[2].proof == "none");
    fail_unless_equals_int(camera.record().of("GetProfiles").size(), 1);
    camera.record().clear();
    fail_unless(camera.record().all().empty());
    for (std::size_t i = 0; i < camera::RequestRecord::most + 10; ++i)
        camera.record().add({});
    fail_unless_equals_int(camera.record().all().size(), camera::RequestRecord::most);
}
GST_END_TEST

/// Who waits for an event keeps nobody else waiting.
GST_START_TEST(longPolls) {
    camera::VirtualCamera camera(quiet());
    const std::string made =
        askWeb(camera,
               callOf("event_service", "<CreatePullPointSubscription><Filter><TopicExpression>"
                                       "tns1:Device/Trigger/DigitalInput</TopicExpression></Filter>"
                                       "</CreatePullPointSubscription>"));
    const std::string query = between(made, "/onvif/", "<");
    const auto pull = callOf(query,
                             "<PullMessages><Timeout>PT60S</Timeout>"
                             "<MessageLimit>10</MessageLimit></PullMessages>",
                             "<MessageID>urn:uuid:5</MessageID><Action>urn:pullRequest</Action>");
    const std::string state = askWeb(camera, pull);
    fail_unless(says(state, "\"Initialized\"") && says(state, "Value=\"false\""));
    fail_unless(says(state, "RelatesTo>urn:uuid:5<") && says(state, "Action>urn:pullResponse<"));
    const Connection waiting(camera.deviceServiceUrl());
    waiting.send(pull);
    for (int i = 0; i < 3; ++i)
        fail_unless(says(askWeb(camera, soapCall("GetHostname")), "HTTP/1.1 200 "));
    fail_unless(camera.control().run("event DigitalInput on") == "ok");
    const std::string changed = waiting.all();
    fail_unless(says(changed, "\"Changed\"") && says(changed, "Value=\"true\""), "%s",
                changed.c_str());
    // A camera that goes while somebody waits.
    const Connection left(camera.deviceServiceUrl());
    left.send(pull);
    askWeb(camera, soapCall("GetHostname"));
}
GST_END_TEST

GST_START_TEST(restarts) {
    auto settings = quiet();
    settings.rebootMs = 500;
    camera::VirtualCamera camera(settings);
    const std::string url = camera.deviceServiceUrl();
    for (int i = 0; i < 2; ++i) {
        const Connection idle(url);
        fail_unless(says(askWeb(camera, soapCall("SystemReboot")), "SystemRebootResponse"));
        fail_unless(becomes([&] { return !listens(url); }));
        fail_unless(idle.all().empty()); // cut
        fail_unless(becomes([&] { return listens(url); }));
        fail_unless(says(askWeb(camera, soapCall("GetHostname")), "HTTP/1.1 200 "));
    }
    askWeb(camera, soapCall("SystemReboot")); // and goes for good meanwhile
}
GST_END_TEST

static Suite* virtualcameraills_suite() {
    Suite* suite = suite_create("virtualcameraills");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, connections);
    tcase_add_test(tests, answers);
    tcase_add_test(tests, logins);
    tcase_add_test(tests, records);
    tcase_add_test(tests, longPolls);
    tcase_add_test(tests, restarts);
    return suite;
}

GST_CHECK_MAIN(virtualcameraills);
