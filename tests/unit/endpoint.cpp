#include "web/endpoint.hpp"

#include "web/site.hpp"

#include "check.hpp"
#include "support/offers.hpp"

#include <list>
#include <set>

static const std::string chromium = support::recordedOffer("chromium");

namespace {

/// An audience without a stage: members come and go, nobody encodes anything.
struct Crowd : web::Audience {
    web::JoinResult next{201, "", "0123456789abcdef0123456789abcdef", "v=0\r\n"};
    std::set<std::string> members;
    std::size_t candidates = 0;
    bool restarts = false;
    bool dawdles = false;
    std::vector<std::function<void(web::JoinResult)>> arriving; ///< whom it has not answered

    void join(web::Offer, std::function<void(web::JoinResult)> done) override {
        if (dawdles)
            return arriving.push_back(std::move(done));
        if (next.status == 201)
            members.insert(next.id);
        done(next);
    }
    bool isMember(const std::string& id) const override { return members.count(id); }
    bool trickle(const std::string&, const web::Trickle& fragment) override {
        candidates += fragment.candidates.size();
        return !restarts;
    }
    void leave(const std::string& id) override { members.erase(id); }
    std::string health(const std::string& id) const override {
        return isMember(id) ? "{\"age\":1}" : "";
    }
    std::string statusJson() const override { return "{}"; }
};

struct Letter : net::HttpExchange {
    net::ServerRequest asked;
    net::HttpReply* got;
    const net::ServerRequest& request() const override { return asked; }
    void drop() override {}
    std::unique_ptr<net::HttpStream> stream(net::HttpReply, net::HttpStreamEvents) override {
        return nullptr;
    }
    void reply(net::HttpReply reply) override { *got = std::move(reply); }
};

struct House {
    Crowd crowd;
    web::EndpointSettings settings;

    net::HttpReply ask(const std::string& method, const std::string& path,
                       net::HttpHeaders headers = {}, const std::string& body = "") {
        web::Endpoint endpoint(crowd, settings);
        net::HttpReply reply;
        reply.status = 0;
        auto letter = std::make_shared<Letter>();
        letter->asked.method = method;
        letter->asked.path = path;
        letter->asked.headers = std::move(headers);
        if (letter->asked.header("Host").empty())
            letter->asked.headers.emplace_back("Host", "127.0.0.1:8080");
        letter->asked.body = body;
        letter->got = &reply;
        endpoint.handle(letter);
        return reply;
    }

    net::HttpReply post(const std::string& body, net::HttpHeaders headers = {}) {
        headers.emplace_back("Content-Type", "application/sdp");
        return ask("POST", "/whep", std::move(headers), body);
    }
};

std::string header(const net::HttpReply& reply, const std::string& name) {
    net::ServerRequest lookup;
    lookup.headers = reply.headers;
    return lookup.header(name);
}

} // namespace

const net::HttpHeaders fragment = {{"Content-Type", "application/trickle-ice-sdpfrag"},
                                   {"If-Match", "\"1\""}};

START_TEST(aViewersLife) {
    House house;
    const auto created = house.post(chromium);
    ck_assert_int_eq(created.status, 201);
    CHECK_STR(created.type, "application/sdp");
    CHECK_STR(created.body, "v=0\r\n");
    const std::string session = header(created, "Location");
    CHECK_STR(session, "/whep/0123456789abcdef0123456789abcdef");
    CHECK_STR(header(created, "ETag"), "\"1\"");
    ck_assert_int_eq(house.ask("GET", session).status, 200);
    const auto patched = house.ask("PATCH", session, fragment,
                                   "a=mid:0\r\na=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n");
    ck_assert_int_eq(patched.status, 204);
    ck_assert(patched.body.empty() && header(patched, "ETag").empty());
    ck_assert_uint_eq(house.crowd.candidates, 1);
    ck_assert_int_eq(house.ask("DELETE", session).status, 200);
    ck_assert(house.crowd.members.empty());
    ck_assert_int_eq(house.ask("DELETE", session).status, 404);
    ck_assert_int_eq(house.ask("PATCH", session, fragment).status, 404);
}
END_TEST

/// A viewer hears of nobody but itself.
START_TEST(howAViewerFares) {
    House house;
    const std::string session = header(house.post(chromium), "Location");
    const auto told = house.ask("GET", session + "/stats");
    ck_assert_int_eq(told.status, 200);
    CHECK_STR(told.type, "application/json");
    CHECK_STR(told.body, "{\"age\":1}");
    CHECK_STR(header(told, "Cache-Control"), "no-store");
    ck_assert_int_eq(house.ask("POST", session + "/stats").status, 405);
    ck_assert_int_eq(house.ask("GET", session + "/stats/more").status, 404);
    ck_assert_int_eq(house.ask("GET", "/whep/0/stats").status, 404);
    ck_assert_int_eq(house.ask("GET", "/whep/stats").status, 404);
    ck_assert_int_eq(house.ask("DELETE", session).status, 200);
    ck_assert_int_eq(house.ask("GET", session + "/stats").status, 404);
}
END_TEST

START_TEST(patchesAreChecked) {
    House house;
    const std::string session = header(house.post(chromium), "Location");
    const auto patch = [&](net::HttpHeaders headers, const char* body = "") {
        return house.ask("PATCH", session, std::move(headers), body).status;
    };
    ck_assert_int_eq(patch({{"Content-Type", "application/json"}, {"If-Match", "*"}}), 415);
    ck_assert_int_eq(patch({{"Content-Type", "application/trickle-ice-sdpfrag"}}), 428);
    ck_assert_int_eq(
        patch({{"Content-Type", "application/trickle-ice-sdpfrag"}, {"If-Match", "\"2\""}}), 412);
    ck_assert_int_eq(patch(fragment, "rubbish"), 400);
    house.crowd.restarts = true;
    ck_assert_int_eq(patch(fragment), 422);
    ck_assert_uint_eq(house.crowd.members.size(), 1); // and the session goes on
}
END_TEST

START_TEST(refusalsSayWhy) {
    House house;
    const auto rubbish = house.post("rubbish");
    ck_assert_int_eq(rubbish.status, 400);
    CHECK_STR(rubbish.type, "application/problem+json");
    ck_assert(rubbish.body.find("\"status\":400") != std::string::npos);
    ck_assert(rubbish.body.find("\"detail\":\"") != std::string::npos);
    ck_assert_int_eq(house.ask("POST", "/whep", {{"Content-Type", "text/plain"}}, chromium).status,
                     415);
    ck_assert_int_eq(house.ask("POST", "/whep", {}, chromium).status, 415);
    ck_assert_int_eq(house.ask("PUT", "/whep").status, 405);
    ck_assert_int_eq(house.ask("POST", "/").status, 405);
    ck_assert_int_eq(house.ask("GET", "/whep/../../etc/passwd").status, 404);
    ck_assert_int_eq(house.ask("GET", "/../etc/passwd").status, 404);
    ck_assert_int_eq(house.ask("GET", "/whepx").status, 404);
    for (const int status : {406, 409, 503}) {
        house.crowd.next.status = status;
        house.crowd.next.detail = "A \"quoted\" word\nand a line";
        const auto reply = house.post(chromium);
        ck_assert_int_eq(reply.status, status);
        ck_assert_int_eq(header(reply, "Retry-After").empty(), status == 406);
        ck_assert(reply.body.find("A \\\"quoted\\\" word\\u000aand") != std::string::npos);
    }
}
END_TEST

START_TEST(preflightAndDiscovery) {
    House house;
    const auto head = house.ask("HEAD", "/whep");
    ck_assert_int_eq(head.status, 200);
    CHECK_STR(head.type, "application/sdp");
    ck_assert(head.body.empty());
    const auto options = house.ask("OPTIONS", "/whep");
    ck_assert_int_eq(options.status, 204);
    CHECK_STR(header(options, "Accept-Post"), "application/sdp");
    ck_assert(header(options, "Access-Control-Allow-Origin").empty());
    house.settings.allowOrigin = "*";
    const auto open = house.ask("OPTIONS", "/whep", {{"Origin", "https://player.example"}});
    CHECK_STR(header(open, "Access-Control-Allow-Origin"), "*");
    ck_assert(header(open, "Access-Control-Allow-Methods").find("PATCH") != std::string::npos);
    ck_assert(header(open, "Access-Control-Allow-Headers").find("If-Match") != std::string::npos);
    ck_assert(header(open, "Access-Control-Expose-Headers").find("Location") != std::string::npos);
}
END_TEST

/// Servers with passwords in them are named to who may watch, and not to a preflight.
START_TEST(iceServersAreNamed) {
    House house;
    const std::string link = "<turn:turn.example:3478>; rel=\"ice-server\"; credential=\"x\"";
    house.settings.links = [=] { return std::vector<std::string>{link}; };
    CHECK_STR(header(house.post(chromium), "Link"), link);
    CHECK_STR(header(house.ask("OPTIONS", "/whep"), "Link"), link);
    const auto preflight =
        house.ask("OPTIONS", "/whep", {{"Access-Control-Request-Method", "POST"}});
    CHECK_STR(header(preflight, "Link"), "");
    house.crowd.next.status = 409;
    CHECK_STR(header(house.post(chromium), "Link"), "");
}
END_TEST

namespace {

/// Two sessions for each address.
struct Door {
    Crowd crowd;
    web::Endpoint endpoint{crowd, [] {
                               web::EndpointSettings settings;
                               settings.viewersPerAddress = 2;
                               return settings;
                           }()};
    std::list<net::HttpReply> replies; ///< where those who wait get theirs

    const net::HttpReply& join(const std::string& from) {
        auto letter = std::make_shared<Letter>();
        letter->asked = {"POST",
                         "/whep",
                         "",
                         from,
                         {{"Host", "127.0.0.1"}, {"Content-Type", "application/sdp"}},
                         chromium};
        replies.emplace_back().status = 0;
        letter->got = &replies.back();
        crowd.next.id = std::to_string(crowd.members.size());
        endpoint.handle(letter);
        return replies.back();
    }
};

} // namespace

START_TEST(sessionsOfOneAddress) {
    Door door;
    ck_assert_int_eq(door.join("192.0.2.1").status, 201);
    ck_assert_int_eq(door.join("192.0.2.1").status, 201);
    ck_assert_int_eq(door.join("192.0.2.1").status, 429);
    CHECK_STR(header(door.join("192.0.2.1"), "Retry-After"), "10");
    ck_assert_int_eq(door.join("192.0.2.2").status, 201);
    door.crowd.members.erase("0"); // gone by itself
    ck_assert_int_eq(door.join("192.0.2.1").status, 201);
}
END_TEST

/// Who sends many offers at once has them counted before any is answered.
START_TEST(offersOfOneAddress) {
    Door door;
    door.crowd.dawdles = true;
    const auto& first = door.join("192.0.2.1");
    door.join("192.0.2.1");
    ck_assert_int_eq(first.status, 0); // it waits
    ck_assert_int_eq(door.join("192.0.2.1").status, 429);
    ck_assert_int_eq(door.join("192.0.2.2").status, 0);
    ck_assert_uint_eq(door.crowd.arriving.size(), 3);
    // The first is answered and is a session from now on: its place stays taken.
    door.crowd.members.insert("a");
    door.crowd.arriving[0]({201, "", "a", "v=0\r\n"});
    ck_assert_int_eq(first.status, 201);
    ck_assert_int_eq(door.join("192.0.2.1").status, 429);
    // The second comes to nothing, without a word even: another may take its place.
    door.crowd.arriving.clear();
    ck_assert_int_eq(door.join("192.0.2.1").status, 0);
    ck_assert_int_eq(door.join("192.0.2.1").status, 429);
    door.crowd.arriving.front()(web::JoinResult::refusal(406, "no"));
    door.crowd.arriving.clear();
    ck_assert_int_eq(door.join("192.0.2.1").status, 0);
}
END_TEST

/// A page elsewhere, opened in the camera owner's browser, must not get the picture.
START_TEST(foreignPages) {
    House house;
    ck_assert_int_eq(house.post(chromium, {{"Origin", "https://evil.example"}}).status, 403);
    ck_assert_int_eq(house.post(chromium, {{"Origin", "null"}}).status, 403);
    ck_assert_int_eq(house.post(chromium, {{"Origin", "http://127.0.0.1:8081"}}).status, 403);
    ck_assert_int_eq(house.post(chromium, {{"Origin", "http://127.0.0.1:8080"}}).status, 201);
    // DNS rebinding: the foreign name points here, and so does the Origin.
    const net::HttpHeaders rebound = {{"Origin", "http://evil.example:8080"},
                                      {"Host", "evil.example:8080"}};
    ck_assert_int_eq(house.post(chromium, rebound).status, 403);
    for (const char* host : {"localhost:8080", "[::1]:8080", "127.0.0.1"})
        ck_assert_int_eq(house.ask("GET", "/", {{"Host", host}}).status, 200);
    house.settings.loopback = false;
    ck_assert_int_eq(house.ask("GET", "/", {{"Host", "camera.lan"}}).status, 200);
    house.settings.allowOrigin = "https://a.example, https://b.example";
    const auto allowed = house.post(chromium, {{"Origin", "https://b.example"}});
    ck_assert_int_eq(allowed.status, 201);
    CHECK_STR(header(allowed, "Access-Control-Allow-Origin"), "https://b.example");
    ck_assert_int_eq(house.post(chromium, {{"Origin", "https://c.example"}}).status, 403);
}
END_TEST

START_TEST(thePage) {
    House house;
    const auto page = house.ask("GET", "/");
    ck_assert_int_eq(page.status, 200);
    ck_assert(page.type.rfind("text/html", 0) == 0);
    ck_assert(page.body.find("<video") != std::string::npos);
    const std::string policy = header(page, "Content-Security-Policy");
    ck_assert(policy.find("default-src 'none'") != std::string::npos);
    ck_assert(policy.find("unsafe") == std::string::npos);
    ck_assert(house.ask("GET", "/player.js").type.rfind("text/javascript", 0) == 0);
    ck_assert(house.ask("GET", "/style.css").type.rfind("text/css", 0) == 0);
    ck_assert_int_eq(house.ask("GET", "/nothing.js").status, 404);
    ck_assert_int_eq(house.ask("GET", "/status").status, 200);
    for (const char* name : {"player.js", "style.css", "index.html"})
        ck_assert(house.ask("GET", std::string("/") + name).body.find("https://") ==
                  std::string::npos);
}
END_TEST

START_TEST(aNamedStream) {
    House house;
    house.settings.name = "yard";
    ck_assert_int_eq(house.ask("GET", "/").status, 307);
    CHECK_STR(header(house.ask("GET", "/yard"), "Location"), "/yard/");
    ck_assert_int_eq(house.ask("GET", "/yard/").status, 200);
    ck_assert_int_eq(house.ask("GET", "/yardstick/").status, 404);
    ck_assert_int_eq(house.ask("GET", "/whep").status, 404);
    const auto created = house.ask("POST", "/yard/whep",
                                   {{"Content-Type", "application/sdp; charset=utf-8"}}, chromium);
    ck_assert_int_eq(created.status, 201);
    ck_assert(header(created, "Location").rfind("/yard/whep/", 0) == 0);
    ck_assert(web::Site::isName("yard-2.main_x"));
    for (const char* name : {"", "a/b", "..", ".x", "whep", "a b", "a?b", "\xc3\xa4"})
        ck_assert(!web::Site::isName(name));
}
END_TEST

CHECK_MAIN("endpoint", aViewersLife, howAViewerFares, patchesAreChecked, refusalsSayWhy,
           preflightAndDiscovery, iceServersAreNamed, sessionsOfOneAddress, offersOfOneAddress,
           foreignPages, thePage, aNamedStream)
