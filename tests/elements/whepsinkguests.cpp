// Guests of every kind: too many, too early, silent, hostile, and what they leave behind.
#include "support/offers.hpp"
#include "support/whepstage.hpp"

#include <cstdio>

#include <atomic>
#include <set>
#include <string>
#include <thread>

using namespace support;

GST_START_TEST(aStrangerGetsNothing) {
    Stage stage(picture + vp8 + "whepsink name=w port=0");
    stage.playAndWait();
    WhepClient::Options options = video("VP8");
    options.edit = [](std::string offer) {
        const auto at = offer.find("a=fingerprint:sha-256 ") + 22;
        for (auto i = offer.find("a=fingerprint:sha-256 "); i != std::string::npos;
             i = offer.find("a=fingerprint:sha-256 ", i + 1))
            offer.replace(i + 22, 2, offer.compare(at, 2, "AA") == 0 ? "BB" : "AA");
        return offer;
    };
    WhepClient client(stage.endpoint(), options);
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.waitConnected(),
                "the stranger did not even connect: the test tests nothing");
    fail_unless(Stage::wait(90s, [&] { return stage.stat("viewers") == 0; }), "it is still there");
    fail_unless_equals_int(client.frames(), 0);
    WhepClient honest(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(honest.join(), 201);
    fail_unless(honest.sees(5));
    fail_unless_equals_int(client.frames(), 0);
}
GST_END_TEST

GST_START_TEST(whatDoesNotFit) {
    Stage stage(picture + vp9 + "whepsink name=w port=0 max-viewers=1");
    fail_unless_equals_int(stage.set(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    WhepClient tooEarly(stage.endpoint());
    fail_unless_equals_int(tooEarly.join(), 409);
    fail_unless(!tooEarly.response().header("Retry-After").empty());
    stage.playAndWait();
    WhepClient other(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(other.join(), 406);
    fail_unless(other.response().body.find("VP9") != std::string::npos);
    WhepClient ours(stage.endpoint()), theirs(stage.endpoint());
    fail_unless_equals_int(ours.join(), 201);
    fail_unless_equals_int(theirs.join(), 503);
    fail_unless(ours.sees(5));
}
GST_END_TEST

GST_START_TEST(rubbishAtTheDoor) {
    Stage stage(picture + vp8 + "whepsink name=w port=0");
    stage.playAndWait();
    const std::string chromium = recordedOffer("chromium");
    const auto post = [&](const std::string& body, const char* type = "application/sdp") {
        return WhepClient::ask("POST", stage.endpoint(), {{"Content-Type", type}}, body);
    };
    fail_unless_equals_int(post("rubbish").status, 400);
    fail_unless_equals_int(post(std::string(30000, '\0')).status, 400);
    fail_unless_equals_int(post(chromium, "text/html").status, 415);
    const auto large = post(std::string(1 << 20, 'a')).status;
    fail_unless(large == 413 || large == 0, "a large body was answered with %d", large);
    const auto refused = post(withAll(chromium, "a=mid:0\r\n", ""));
    fail_unless_equals_int(refused.status, 400);
    fail_unless(refused.header("Content-Type") == "application/problem+json");
    fail_unless_equals_int(WhepClient::ask("DELETE", stage.endpoint() + "/nobody").status, 404);
    fail_unless_equals_int(WhepClient::ask("BREW", stage.endpoint()).status, 405);
    // A recorded browser that never connects: accepted, counted, and the others do not notice.
    fail_unless_equals_int(post(chromium).status, 201);
    WhepClient client(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(10));
    fail_unless(stage.error().empty());
}
GST_END_TEST

GST_START_TEST(damagedOffers) {
    Stage stage(picture + vp8 + "whepsink name=w port=0 connect-timeout=1 max-viewers=1000");
    stage.playAndWait();
    const std::string chromium = recordedOffer("chromium");
    std::srand(11);
    int accepted = 0;
    for (int round = 0; round < 60; round++) {
        std::string text = chromium;
        for (int i = std::rand() % 3 + 1; i > 0; i--)
            text.erase(static_cast<std::size_t>(std::rand()) % text.size(), std::rand() % 60);
        const int status =
            WhepClient::ask("POST", stage.endpoint(), {{"Content-Type", "application/sdp"}}, text)
                .status;
        fail_unless(status == 201 || status == 400 || status == 406, "answered %d to %s", status,
                    text.c_str());
        accepted += status == 201;
    }
    fail_unless(accepted > 5, "all refused: the test tests nothing");
    fail_unless(Stage::wait(90s, [&] { return stage.stat("viewers") == 0; }),
                "who never connects stays");
    fail_unless(stage.error().empty());
}
GST_END_TEST

GST_START_TEST(busyPort) {
    Stage ours("videotestsrc is-live=true ! vp8enc ! whepsink name=w port=0");
    ours.play();
    guint port = 0;
    g_object_get(ours.sink(), "port", &port, nullptr);
    fail_unless(port != 0);
    Stage theirs("videotestsrc is-live=true ! vp8enc ! whepsink name=w port=" +
                 std::to_string(port));
    fail_unless_equals_int(theirs.set(GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    const std::string said = theirs.error();
    fail_unless(said.find("port " + std::to_string(port)) != std::string::npos, "%s", said.c_str());
    theirs.stop();
    ours.stop();
    // Free again, at once, and again.
    for (int i = 0; i < 3; i++) {
        fail_unless(theirs.set(GST_STATE_READY) == GST_STATE_CHANGE_SUCCESS, "%s",
                    theirs.error().c_str());
        theirs.stop();
    }
}
GST_END_TEST

GST_START_TEST(wrongSettings) {
    const char* const wrong[] = {
        "address=300.1.2.3", "address=example.org",     "address=192.0.2.77",           "path=a/b",
        "path=whep",         "stun-server=example.org", "min-rtp-port=9 max-rtp-port=8"};
    for (const char* settings : wrong) {
        Stage stage(std::string("videotestsrc ! vp8enc ! whepsink name=w port=0 ") + settings);
        fail_unless_equals_int(stage.set(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
        fail_unless(!stage.error().empty(), "no word about %s", settings);
    }
}
GST_END_TEST

GST_START_TEST(tellsItsAddress) {
    Stage stage("videotestsrc ! vp8enc ! whepsink name=w port=0 path=/yard/");
    fail_unless(stage.page().empty());
    stage.set(GST_STATE_READY);
    const auto message = stage.message(GST_MESSAGE_ELEMENT, 90s);
    fail_unless(message && gst_message_has_name(message.get(), "whepsink-ready"));
    const char* url = gst_structure_get_string(gst_message_get_structure(message.get()), "url");
    const std::string page = stage.page();
    fail_unless_equals_string(url, page.c_str());
    fail_unless(stage.page().rfind("http://127.0.0.1:", 0) == 0);
    fail_unless(stage.page().find("/yard/") != std::string::npos);
    fail_unless_equals_int(WhepClient::ask("GET", stage.page()).status, 200);
}
GST_END_TEST

GST_START_TEST(stopsWithViewers) {
    Stage stage(picture + vp8 + "whepsink name=w port=0");
    for (int round = 0; round < 2; round++) {
        stage.playAndWait();
        WhepClient ours(stage.endpoint(), video("VP8")), theirs(stage.endpoint(), video("VP8"));
        fail_unless_equals_int(ours.join(), 201);
        fail_unless_equals_int(theirs.join(), 201);
        fail_unless(ours.sees(5) && theirs.sees(5));
        if (round == 0)
            stage.set(GST_STATE_READY); // the page stays, the viewers do not
        else
            stage.stop();
        if (round == 0) {
            fail_unless_equals_uint64(stage.stat("viewers"), 0);
        } else {
            fail_unless(stage.page().empty());
        }
    }
}
GST_END_TEST

/// Names of the threads in which packets of viewers are received, encrypted and sent.
std::string transportThreads() {
    std::string names;
    for (const std::string& name : threadNames())
        for (const char* kind : {"nice", "dtls", "sctp", "rtp"})
            if (name.rfind(kind, 0) == 0)
                names += name + " ";
    return names;
}

// What a library keeps in a thread it tidies up when that thread ends, and OpenSSL must not do so
// while the program ends: whoever stops a sink and then ends would crash now and then.
GST_START_TEST(noThreadOutlivesItsViewer) {
    std::string left;
    Stage stage(picture + vp8 + "whepsink name=w port=0");
    stage.playAndWait();
    {
        WhepClient::Options options = video("VP8");
        options.channel = "detections";
        WhepClient client(stage.endpoint(), options);
        fail_unless_equals_int(client.join(), 201);
        fail_unless(client.sees(5));
        fail_unless(transportThreads().find("nicesrc") != std::string::npos,
                    "the threads are called otherwise: the test tests nothing");
        fail_unless_equals_int(client.leave(), 200);
        fail_unless_equals_uint64(stage.stat("viewers"), 0);
    }
    left = transportThreads();
    fail_unless(left.empty(), "still there: %s", left.c_str());
    {
        WhepClient client(stage.endpoint(), video("VP8"));
        fail_unless_equals_int(client.join(), 201);
        fail_unless(client.sees(5));
        stage.stop();
    }
    left = transportThreads();
    fail_unless(left.empty(), "still there: %s", left.c_str());
}
GST_END_TEST

GST_START_TEST(answersNameDoorsOfTheRouter) {
    Stage stage(picture + vp8 +
                "whepsink name=w port=0 advertise-address=192.0.2.7,2001:db8::7 "
                "min-rtp-port=42000 max-rtp-port=42099");
    stage.playAndWait();
    WhepClient client(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(10), "what is added takes nothing away");
    const std::string& answer = client.response().body;
    int doors = 0, own = 0, closed = 0;
    for (auto at = answer.find("a=candidate:"); at != std::string::npos;
         at = answer.find("a=candidate:", at + 1)) {
        char protocol[8] = "", address[64] = "";
        int port = 0;
        const std::string line = answer.substr(at, answer.find('\r', at) - at);
        fail_unless_equals_int(std::sscanf(line.c_str(),
                                           "a=candidate:%*s 1 %7s %*u %63s %d typ host", protocol,
                                           address, &port),
                               3);
        doors += g_str_equal(address, "192.0.2.7") || g_str_equal(address, "2001:db8::7");
        closed += g_str_equal(protocol, "TCP");
        own++;
        fail_unless(port >= 42000 && port <= 42099, "%s", line.c_str());
    }
    fail_unless(doors >= 2 && doors < own && closed >= 2, "%s", answer.c_str());
}
GST_END_TEST

GST_START_TEST(addressesHaveToBeSome) {
    Stage stage(picture + vp8 + "whepsink name=w port=0 advertise-address=my.router");
    stage.play();
    fail_unless(stage.error(90s).find("advertise-address") != std::string::npos);
}
GST_END_TEST

GST_START_TEST(silenceIsNoticed) {
    Stage stage(picture + vp8 + "whepsink name=w port=0 silence-timeout=10");
    stage.playAndWait();
    {
        WhepClient client(stage.endpoint(), video("VP8"));
        fail_unless_equals_int(client.join(), 201);
        fail_unless(client.sees(10));
        fail_unless_equals_uint64(stage.stat("viewers"), 1);
    } // no DELETE
    fail_unless(Stage::wait(90s, [&] { return stage.stat("viewers") == 0; }), "it is still there");
}
GST_END_TEST

GST_START_TEST(watchedWhileItStops) {
    const Ref<GstElement> sink(
        GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("whepsink", nullptr))));
    g_object_set(sink.get(), "port", 0u, nullptr);
    std::atomic<bool> over{false};
    std::thread watcher([&] {
        while (!over) {
            GstStructure* stats = nullptr;
            g_object_get(sink.get(), "stats", &stats, nullptr);
            gst_structure_free(stats);
        }
    });
    bool opened = true;
    for (int i = 0; i < 30; i++) {
        opened = opened && gst_element_set_state(sink.get(), GST_STATE_READY) != 0;
        gst_element_set_state(sink.get(), GST_STATE_NULL);
    }
    over = true;
    watcher.join();
    fail_unless(opened);
}
GST_END_TEST

GST_START_TEST(padNames) {
    const Ref<GstElement> sink(
        GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("whepsink", nullptr))));
    std::set<std::string> names;
    for (const char* name : {"sink_1", "sink_%u", "sink_%u", "sink_%u"}) {
        const Ref<GstPad> pad(gst_element_request_pad_simple(sink.get(), name));
        fail_unless(pad != nullptr, "no pad for %s", name);
        const Ref<char> got(gst_pad_get_name(pad.get()));
        fail_unless(names.insert(got.get()).second, "%s twice", got.get());
    }
}
GST_END_TEST

GST_START_TEST(nothingIsLeftBehind) {
    Stage stage(picture + vp8 + "whepsink name=w port=0");
    stage.playAndWait();
    const auto visit = [&](int frames) {
        WhepClient client(stage.endpoint(), video("VP8"));
        fail_unless_equals_int(client.join(), 201);
        fail_unless(client.sees(frames));
        fail_unless_equals_int(client.leave(), 200);
    };
    for (int i = 0; i < 3; i++)
        visit(2);                    // whatever is made once for all
    std::this_thread::sleep_for(1s); // thread pools shrink by themselves
    const std::size_t fds = descriptors(), tasks = threads();
    for (int i = 0; i < 30; i++)
        visit(1);
    fail_unless(Stage::wait(90s, [&] { return descriptors() <= fds && threads() <= tasks + 2; }),
                "%zu descriptors became %zu, %zu threads %zu", fds, descriptors(), tasks,
                threads());
    fail_unless_equals_uint64(stage.stat("joined"), 33);
}
GST_END_TEST

static Suite* whepsinkguests_suite() {
    Suite* suite = suite_create("whepsinkguests");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, aStrangerGetsNothing);
    tcase_add_test(tests, whatDoesNotFit);
    tcase_add_test(tests, rubbishAtTheDoor);
    tcase_add_test(tests, damagedOffers);
    tcase_add_test(tests, busyPort);
    tcase_add_test(tests, wrongSettings);
    tcase_add_test(tests, tellsItsAddress);
    tcase_add_test(tests, stopsWithViewers);
    tcase_add_test(tests, noThreadOutlivesItsViewer);
    tcase_add_test(tests, answersNameDoorsOfTheRouter);
    tcase_add_test(tests, addressesHaveToBeSome);
    tcase_add_test(tests, silenceIsNoticed);
    tcase_add_test(tests, watchedWhileItStops);
    tcase_add_test(tests, padNames);
    tcase_add_test(tests, nothingIsLeftBehind);
    return suite;
}

GST_CHECK_MAIN(whepsinkguests);
