// WHEP to the letter (draft-ietf-wish-whep-03), over a real socket. The tests bear the numbers of
// the lines in the list of requirements; 13 is about ingest.
#include "support/caller.hpp"
#include "support/offers.hpp"
#include "support/whepstage.hpp"

#include <cstdlib>
#include <set>

using namespace support;

namespace {

const std::string offer = recordedOffer("chromium");
const std::string token = "0123456789abcdef0123456789abcdef";
const std::string bearer = "Authorization: Bearer " + token + "\r\n";
const std::string sdp = "Content-Type: application/sdp\r\n";
const std::string fragment = "Content-Type: application/trickle-ice-sdpfrag\r\n";
const std::string page = "Origin: https://player.example\r\n";
const std::string candidate = "a=mid:0\r\na=candidate:1 1 udp 2122260223 127.0.0.1 9 typ host\r\n";

/// A sink that is watched by nobody yet, and its port.
struct Sink {
    Stage stage;
    unsigned port = 0;

    explicit Sink(const std::string& settings = "", bool live = true)
        : stage((live ? picture : "appsrc ! video/x-raw,width=64,height=64,format=I420 ! ") + vp8 +
                "whepsink name=w port=0 " + settings) {
        stage.play();
        g_object_get(stage.sink(), "port", &port, nullptr);
        fail_unless(port != 0, "it does not listen: %s", stage.error().c_str());
        if (live)
            fail_unless(Stage::wait(90s, [&] {
                const auto status = rawAsk(port, "GET", "/streams", bearer);
                return status.body.find("\"live\":true") != std::string::npos;
            }));
    }

    RawAnswer post(const std::string& body = offer, const std::string& headers = sdp) const {
        return rawAsk(port, "POST", "/whep", headers, body);
    }
    RawAnswer patch(const std::string& session, const std::string& headers,
                    const std::string& body = candidate) const {
        return rawAsk(port, "PATCH", session, headers, body);
    }
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
        n++;
    return n;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

void isProblem(const RawAnswer& answer, int status) {
    fail_unless_equals_int(answer.status, status);
    fail_unless(answer.header("content-type") == "application/problem+json");
    fail_unless(has(answer.body, "\"status\":" + std::to_string(status)) &&
                has(answer.body, "\"detail\":\""));
}

} // namespace

GST_START_TEST(line1Post) {
    const Sink sink;
    const auto made = sink.post();
    fail_unless_equals_int(made.status, 201);
    fail_unless(made.header("content-type") == "application/sdp");
    fail_unless(made.header("location").rfind("/whep/", 0) == 0);
    fail_unless(has(made.body, "a=sendonly") && !has(made.body, "a=recvonly") &&
                !has(made.body, "a=inactive\r\nm="));
    fail_unless(has(made.body, "a=candidate:") && has(made.body, "a=end-of-candidates"));
    fail_unless_equals_int(sink.post(replaced(offer, "recvonly", "sendrecv")).status, 201);
    for (const char* direction : {"sendonly", "inactive"})
        isProblem(sink.post(replaced(offer, "recvonly", direction)), 400);
    isProblem(sink.post("rubbish"), 400);
    isProblem(sink.post(offer, "Content-Type: text/plain\r\n"), 415);
    isProblem(sink.post(offer, ""), 415);
}
GST_END_TEST

GST_START_TEST(line2NoCounterOffer) {
    // It is optional. What does not fit is refused with words, which no player takes for an offer.
    const Sink sink;
    const auto refused = sink.post(replaced(replaced(offer, "VP8/", "XX8/"), "VP9/", "XX9/"));
    isProblem(refused, 406);
    fail_unless(refused.header("location").empty() && has(refused.body, "VP8"));
}
GST_END_TEST

GST_START_TEST(line3EntityTags) {
    const Sink sink;
    const auto made = sink.post();
    const std::string tag = made.header("etag"), session = made.header("location");
    fail_unless(tag.size() > 2 && tag.front() == '"' && tag.back() == '"', "%s", tag.c_str());
    isProblem(sink.patch(session, fragment), 428);
    isProblem(sink.patch(session, fragment + "If-Match: \"another\"\r\n"), 412);
    fail_unless_equals_int(sink.patch(session, fragment + "If-Match: " + tag + "\r\n").status, 204);
    fail_unless_equals_int(sink.patch(session, fragment + "If-Match: *\r\n").status, 204);
}
GST_END_TEST

GST_START_TEST(line4Trickle) {
    const Sink sink;
    const auto made = sink.post();
    const std::string session = made.header("location");
    const std::string headers = fragment + "If-Match: " + made.header("etag") + "\r\n";
    const auto taken = sink.patch(session, headers);
    fail_unless(taken.status == 204 && taken.body.empty() && taken.header("etag").empty());
    const auto unusable = sink.patch(
        session, headers,
        "a=mid:0\r\na=candidate:1 1 udp 1 0b0cca4e-0000-4000-8000-000000000000.local 9 typ host\r\n"
        "a=candidate:nonsense\r\n");
    fail_unless_equals_int(unusable.status, 204);
    isProblem(sink.patch(session, sdp + "If-Match: *\r\n", offer), 415);
    isProblem(sink.patch(session, headers, "rubbish"), 400);
    // A restart is refused, and its session goes on.
    isProblem(sink.patch(session, fragment + "If-Match: *\r\n",
                         "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"),
              422);
    fail_unless_equals_int(sink.patch(session, headers).status, 204);
}
GST_END_TEST

GST_START_TEST(line5Delete) {
    const Sink sink;
    const std::string session = sink.post().header("location");
    fail_unless_equals_uint64(sink.stage.stat("viewers"), 1);
    fail_unless_equals_int(rawAsk(sink.port, "DELETE", session, "If-Match: \"any\"\r\n").status,
                           200);
    fail_unless_equals_uint64(sink.stage.stat("viewers"), 0);
    isProblem(rawAsk(sink.port, "DELETE", session), 404);
    isProblem(rawAsk(sink.port, "DELETE", "/whep/0"), 404);
    isProblem(sink.patch(session, fragment + "If-Match: *\r\n"), 404);
}
GST_END_TEST

GST_START_TEST(line6AcrossOrigins) {
    const Sink sink("allow-origin=https://player.example turn-server=turn://u:s3cret@127.0.0.1:9");
    const auto plain = rawAsk(sink.port, "OPTIONS", "/whep");
    fail_unless(plain.status == 204 && plain.header("accept-post") == "application/sdp");
    const auto allowed =
        rawAsk(sink.port, "OPTIONS", "/whep", page + "Access-Control-Request-Method: POST\r\n");
    fail_unless(allowed.status == 204 && allowed.header("link").empty());
    fail_unless(allowed.header("access-control-allow-origin") == "https://player.example");
    for (const char* method : {"OPTIONS", "GET", "HEAD", "POST", "PATCH", "DELETE"})
        fail_unless(has(allowed.header("access-control-allow-methods"), method));
    for (const char* header : {"Authorization", "Content-Type", "If-Match"})
        fail_unless(has(allowed.header("access-control-allow-headers"), header));
    const auto made = sink.post(offer, sdp + page);
    fail_unless_equals_int(made.status, 201);
    for (const char* header : {"Location", "ETag", "Link", "Accept-Patch"})
        fail_unless(has(made.header("access-control-expose-headers"), header));
    const auto session = rawAsk(sink.port, "OPTIONS", made.header("location"),
                                page + "Access-Control-Request-Method: PATCH\r\n");
    fail_unless(session.status == 204 &&
                has(session.header("access-control-allow-methods"), "DELETE"));
    isProblem(sink.post(offer, sdp + "Origin: https://evil.example\r\n"), 403);
}
GST_END_TEST

GST_START_TEST(line7Reading) {
    const Sink sink;
    const std::string session = sink.post().header("location");
    for (const char* method : {"GET", "HEAD"}) {
        const auto endpoint = rawAsk(sink.port, method, "/whep");
        fail_unless(endpoint.status == 200 && endpoint.body.empty());
        fail_unless(endpoint.header("content-type") == "application/sdp");
        const auto one = rawAsk(sink.port, method, session);
        fail_unless(one.status == 200 && one.body.empty() && !one.header("etag").empty());
    }
    isProblem(rawAsk(sink.port, "PUT", "/whep"), 405);
    isProblem(rawAsk(sink.port, "POST", session, sdp, offer), 405);
}
GST_END_TEST

GST_START_TEST(line8NotNow) {
    const Sink dark("", false);
    const auto early = dark.post();
    isProblem(early, 409);
    fail_unless(std::atoi(early.header("retry-after").c_str()) > 0);
    const Sink sink("max-viewers=1 path=yard");
    const auto post = [&] { return rawAsk(sink.port, "POST", "/yard/whep", sdp, offer); };
    fail_unless_equals_int(post().status, 201);
    const auto full = post();
    isProblem(full, 503);
    fail_unless(std::atoi(full.header("retry-after").c_str()) > 0);
    for (const char* path : {"/", "/yard"})
        fail_unless_equals_int(rawAsk(sink.port, "GET", path).status, 307);
}
GST_END_TEST

GST_START_TEST(line9IceServers) {
    const Sink sink("stun-server=stun://127.0.0.1:9 "
                    "turn-server=turn://a%40b:s3%22cret@127.0.0.1:9?transport=udp "
                    "auth=token:" +
                    token);
    const auto made = sink.post(offer, sdp + bearer);
    fail_unless_equals_int(made.status, 201);
    const std::string links = made.header("link");
    fail_unless(has(links, "<stun:127.0.0.1:9>; rel=\"ice-server\""), "%s", links.c_str());
    fail_unless(has(links, "<turn:127.0.0.1:9?transport=udp>; rel=\"ice-server\"; "
                           "username=\"a@b\"; credential=\"s3\\\"cret\"; "
                           "credential-type=\"password\""),
                "%s", links.c_str());
    fail_unless(has(rawAsk(sink.port, "OPTIONS", "/whep", bearer).header("link"), "<turn:"));
    fail_unless(rawAsk(sink.port, "OPTIONS", "/whep").header("link").empty());
    fail_unless(sink.post().header("link").empty());
}
GST_END_TEST

GST_START_TEST(line10WhoMayWatch) {
    const Sink sink("join-rate=12 auth=token:" + token);
    const auto bare = sink.post();
    isProblem(bare, 401);
    fail_unless(has(bare.header("www-authenticate"), "Bearer"));
    const auto made = sink.post(offer, sdp + bearer);
    fail_unless_equals_int(made.status, 201);
    const std::string session = made.header("location");
    isProblem(rawAsk(sink.port, "DELETE", session), 401);
    isProblem(sink.patch(session, fragment + "If-Match: *\r\n"), 401);
    fail_unless_equals_int(sink.patch(session, fragment + bearer + "If-Match: *\r\n").status, 204);
    // 128 bits, another time others.
    const std::string other = sink.post(offer, sdp + bearer).header("location");
    fail_unless(session.size() == 6 + 32 && other.size() == session.size() && other != session);
    RawAnswer late;
    for (int i = 0; i < 100 && late.status != 429; i++)
        late = sink.post("rubbish", sdp + bearer);
    isProblem(late, 429);
    fail_unless(std::atoi(late.header("retry-after").c_str()) > 0);
    fail_unless_equals_int(rawAsk(sink.port, "GET", session, bearer).status, 200);
}
GST_END_TEST

GST_START_TEST(line10InSecret) {
    const std::string home =
        std::filesystem::absolute("whep-home-" + std::to_string(getpid())).string();
    setenv("XDG_DATA_HOME", home.c_str(), 1);
    {
        const Sink sink("tls-certificate=self-signed", false);
        const std::string url = sink.stage.page();
        fail_unless(url.rfind("https://127.0.0.1:", 0) == 0, "%s", url.c_str());
        net::HttpOptions options;
        options.timeout = 30s;
        options.tlsFlags = G_TLS_CERTIFICATE_VALIDATE_ALL & ~G_TLS_CERTIFICATE_UNKNOWN_CA;
        net::HttpRequest request;
        request.url = url + "whep";
        fail_unless_equals_int(net::HttpClient(options).send(request, net::Cancel()).status, 200);
        fail_unless_equals_int(rawAsk(sink.port, "GET", "/whep").status, 307);
    }
    std::filesystem::remove_all(home);
}
GST_END_TEST

/// Who serves a network without logins is told so, once.
GST_START_TEST(line10OpenToAll) {
    for (const bool closed : {false, true}) {
        Stage stage("appsrc ! " + vp8 + "whepsink name=w port=0 address=0.0.0.0" +
                    (closed ? " auth=token:" + token : ""));
        fail_unless(stage.set(GST_STATE_READY) == GST_STATE_CHANGE_SUCCESS);
        const auto warning = stage.message(GST_MESSAGE_WARNING, 0s);
        fail_unless((warning != nullptr) == !closed);
        fail_unless(stage.message(GST_MESSAGE_WARNING, 0s) == nullptr);
        const GParamSpec* spec =
            g_object_class_find_property(G_OBJECT_GET_CLASS(stage.sink()), "auth");
        fail_unless(spec && !(spec->flags & G_PARAM_READABLE));
    }
}
GST_END_TEST

GST_START_TEST(line11Answer) {
    Stage stage(picture + vp8 +
                "whepsink name=w port=0 audiotestsrc is-live=true ! opusenc ! w.audio_0");
    stage.playAndWait();
    guint port = 0;
    g_object_get(stage.sink(), "port", &port, nullptr);
    RawAnswer made;
    fail_unless(Stage::wait(90s, [&] { // both have to have begun
        made = rawAsk(port, "POST", "/whep", sdp, offer);
        return made.status == 201 && count(made.body, "a=sendonly") == 2;
    }));
    const std::string& answer = made.body;
    fail_unless(has(answer, "a=group:BUNDLE "));
    const std::size_t sections = count(answer, "\r\nm=");
    fail_unless(count(answer, "a=rtcp-mux\r\n") == 2 && count(answer, "a=rtcp-mux-only\r\n") == 2);
    fail_unless(sections >= 2 && count(answer, "\r\nm=video") <= 1 &&
                count(answer, "\r\nm=audio") <= 1);
    fail_unless(has(answer, "a=fingerprint:sha-256 ") && !has(answer, "a=ice-lite"));
    std::set<std::string> streams;
    for (auto at = answer.find("a=msid:"); at != answer.npos; at = answer.find("a=msid:", at + 1))
        streams.insert(answer.substr(at + 7, answer.find_first_of(" \r", at + 7) - at - 7));
    fail_unless(streams.size() == 1 && count(answer, "a=msid:") == 2, "%s", answer.c_str());
}
GST_END_TEST

GST_START_TEST(line14WhatPlayersDo) {
    const Sink sink;
    const auto made = sink.post(offer, "Content-Type: application/sdp; charset=utf-8\r\n");
    fail_unless_equals_int(made.status, 201);
    const std::string session = made.header("location");
    // Some trickle as JSON: they are told what is taken, and may stay.
    const auto json =
        sink.patch(session, "Content-Type: application/json\r\nIf-Match: *\r\n", "{}");
    isProblem(json, 415);
    fail_unless(json.header("accept-patch") == "application/trickle-ice-sdpfrag");
    fail_unless_equals_int(rawAsk(sink.port, "GET", session).status, 200);
    // Some resolve a relative address in ways of their own, and some never PATCH.
    fail_unless(session[0] == '/' && has(made.body, "a=end-of-candidates"));
}
GST_END_TEST

static Suite* whepconformance_suite() {
    Suite* suite = suite_create("whepconformance");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, line1Post);
    tcase_add_test(tests, line2NoCounterOffer);
    tcase_add_test(tests, line3EntityTags);
    tcase_add_test(tests, line4Trickle);
    tcase_add_test(tests, line5Delete);
    tcase_add_test(tests, line6AcrossOrigins);
    tcase_add_test(tests, line7Reading);
    tcase_add_test(tests, line8NotNow);
    tcase_add_test(tests, line9IceServers);
    tcase_add_test(tests, line10WhoMayWatch);
    tcase_add_test(tests, line10InSecret);
    tcase_add_test(tests, line10OpenToAll);
    tcase_add_test(tests, line11Answer);
    tcase_add_test(tests, line14WhatPlayersDo);
    return suite;
}

GST_CHECK_MAIN(whepconformance);
