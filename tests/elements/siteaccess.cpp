// The door of a site, over real sockets: logins for all places, preflights, rates.
#include "web/site.hpp"

#include "base/error.hpp"
#include "support/caller.hpp"

#include <memory>
#include <vector>

#include <gst/check/gstcheck.h>

using support::rawAsk;

namespace {

const std::string token = "0123456789abcdef0123456789abcdef";
const std::string bearer = "Authorization: Bearer " + token + "\r\n";
const std::string elsewhere = "Origin: https://player.example\r\n";

web::Site::Tenant tenant(const std::string& stream, const std::string& word,
                         const std::string& auth) {
    web::Site::Tenant tenant;
    tenant.stream = stream;
    tenant.places[word] = [](const web::Site::Exchange& exchange) {
        exchange->reply({200, "text/plain", "picture", {}});
    };
    tenant.access.auth = web::sealed(auth);
    return tenant;
}

unsigned freePort() { return web::Site::rent("127.0.0.1", 0, tenant("x", "", ""))->site().port(); }

} // namespace

GST_START_TEST(oneLoginForAll) {
    const unsigned port = freePort();
    auto open = web::Site::rent("127.0.0.1", port, tenant("yard", "mjpeg", ""));
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/mjpeg").status, 200);
    fail_if(open->site().isProtected());
    auto closed = web::Site::rent("127.0.0.1", port, tenant("gate", "", "token:" + token));
    fail_unless(open->site().isProtected());
    for (const char* path : {"/yard/mjpeg", "/gate/", "/metrics", "/streams", "/nothing", "/"}) {
        const auto bare = rawAsk(port, "GET", path);
        fail_unless(bare.status == 401 && bare.body.find("picture") == bare.body.npos &&
                        bare.body.find("gate") == bare.body.npos,
                    "%s: %s", path, bare.body.c_str());
        fail_unless(rawAsk(port, "GET", path, bearer).status != 401);
    }
    const auto health = rawAsk(port, "GET", "/health");
    fail_unless(health.status == 200 && health.body == "ok\n");
    // The same login again is no other; a second one is.
    const auto same = web::Site::rent("127.0.0.1", port, tenant("a", "", "token:" + token));
    try {
        web::Site::rent("127.0.0.1", port, tenant("b", "", "alice:s3cret"));
        fail("two logins for one site");
    } catch (const base::Error& error) {
        fail_unless(error.kind() == base::ErrorKind::Settings);
        fail_unless(std::string(error.what()).find("s3cret") == std::string::npos);
    }
    // The sink that closed it has gone, and it stays closed.
    closed.reset();
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/mjpeg").status, 401);
}
GST_END_TEST

GST_START_TEST(fromALinkToACookie) {
    const auto lease = web::Site::rent("127.0.0.1", 0, tenant("yard", "", "token:" + token));
    const unsigned port = lease->site().port();
    const auto moved = rawAsk(port, "GET", "/yard/?token=" + token);
    fail_unless_equals_int(moved.status, 307);
    fail_unless(moved.header("location") == "/yard/");
    const std::string cookie = moved.header("set-cookie");
    fail_unless(cookie.find("HttpOnly") != cookie.npos &&
                cookie.find(std::to_string(port)) != cookie.npos);
    const std::string pair = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/", pair).status, 200);
    fail_unless_equals_int(rawAsk(port, "POST", "/yard/?token=" + token).status, 401);
}
GST_END_TEST

GST_START_TEST(preflightsNeedNoLogin) {
    auto wanted = tenant("yard", "whep", "token:" + token);
    wanted.access.allowOrigin = "https://player.example";
    const auto lease = web::Site::rent("127.0.0.1", 0, std::move(wanted));
    const unsigned port = lease->site().port();
    const std::string ask = elsewhere + "Access-Control-Request-Method: POST\r\n";
    const auto allowed = rawAsk(port, "OPTIONS", "/yard/whep", ask);
    fail_unless_equals_int(allowed.status, 204);
    fail_unless(allowed.body.empty());
    fail_unless(allowed.header("access-control-allow-origin") == "https://player.example");
    fail_unless(allowed.header("access-control-allow-headers").find("Authorization") == 0);
    fail_unless(allowed.header("accept-post") == "application/sdp");
    // What is refused is readable to the page that may ask, and to no other.
    const auto bare = rawAsk(port, "POST", "/yard/whep", elsewhere);
    fail_unless(bare.status == 401 && !bare.header("access-control-allow-origin").empty());
    fail_unless(bare.header("www-authenticate").find("Bearer") == 0);
    const auto foreign = rawAsk(port, "OPTIONS", "/yard/whep",
                                "Origin: https://evil.example\r\n"
                                "Access-Control-Request-Method: POST\r\n");
    fail_unless(foreign.status == 403 && foreign.header("access-control-allow-origin").empty());
    fail_unless_equals_int(rawAsk(port, "OPTIONS", "/yard/whep").status, 401);
}
GST_END_TEST

GST_START_TEST(joinsAreCounted) {
    auto wanted = tenant("yard", "whep", "");
    wanted.access.joinRate = 6; // two at once
    const auto lease = web::Site::rent("127.0.0.1", 0, std::move(wanted));
    const unsigned port = lease->site().port();
    fail_unless_equals_int(rawAsk(port, "POST", "/yard/whep").status, 200);
    fail_unless_equals_int(rawAsk(port, "POST", "/yard/whep").status, 200);
    const auto third = rawAsk(port, "POST", "/yard/whep");
    fail_unless_equals_int(third.status, 429);
    fail_unless(std::stoi(third.header("retry-after")) > 0);
    fail_unless(third.header("content-type") == "application/problem+json");
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/whep").status, 200);
    fail_unless_equals_int(rawAsk(port, "POST", "/yard/whep", "", "", "127.0.0.2").status, 200);
}
GST_END_TEST

GST_START_TEST(wrongTokens) {
    const auto lease = web::Site::rent("127.0.0.1", 0, tenant("yard", "", "token:" + token));
    const unsigned port = lease->site().port();
    int wrong = 0, late = 0;
    for (int i = 0; i < 50; i++) {
        const auto answer =
            rawAsk(port, "GET", "/yard/", "Authorization: Bearer " + std::to_string(i) + "\r\n");
        wrong += answer.status == 401;
        late += answer.status == 429 && !answer.header("retry-after").empty();
    }
    fail_unless(wrong >= 10 && late >= 20 && wrong + late == 50, "%d and %d", wrong, late);
    // Nobody else pays for it.
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/", bearer, "", "127.0.0.3").status, 200);
}
GST_END_TEST

/// More than there is room for, from one address, with headers that never end.
GST_START_TEST(aCrowdThatDawdles) {
    const auto lease = web::Site::rent("127.0.0.1", 0, tenant("yard", "", "token:" + token));
    const unsigned port = lease->site().port();
    std::vector<std::unique_ptr<support::Caller>> crowd;
    for (int i = 0; i < 300; i++) {
        crowd.push_back(std::make_unique<support::Caller>(port, "127.0.0.2"));
        crowd.back()->say(i % 3 ? "GET /yard/ HTTP/1.1\r\nHost: loc" : "G");
        if (i % 50 == 49) {
            fail_unless_equals_int(rawAsk(port, "GET", "/yard/", bearer).status, 200);
            for (const auto& caller : crowd)
                caller->say("a");
        }
    }
    // Nor does it keep out somebody honest from the same address.
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/", bearer, "", "127.0.0.2").status, 200);
}
GST_END_TEST

GST_START_TEST(whatIsTooLarge) {
    const auto lease = web::Site::rent("127.0.0.1", 0, tenant("yard", "", ""));
    const unsigned port = lease->site().port();
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/?" + std::string(3000, 'q')).status, 200);
    const auto tooLong = rawAsk(port, "GET", "/yard/?" + std::string(5000, 'q'));
    fail_unless_equals_int(tooLong.status, 414);
    fail_unless(tooLong.header("content-type") == "application/problem+json");
    fail_unless(tooLong.body.find("\"status\":414,\"detail\":\"") != std::string::npos, "%s",
                tooLong.body.c_str());
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/" + std::string(5000, 'p')).status, 414);
    const std::string header = "X-Long: " + std::string(10000, 'h') + "\r\n";
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/", header).status, 200);
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/", header + header).status, 431);
    fail_unless_equals_int(rawAsk(port, "POST", "/yard/", "", std::string(64 * 1024, 'b')).status,
                           200);
    const int large = rawAsk(port, "POST", "/yard/", "", std::string(64 * 1024 + 1, 'b')).status;
    fail_unless(large == 413 || large == 0, "%d", large); // or it had hung up while we spoke
    std::string rubbish;
    for (unsigned i = 0, random = 7; i < 100; i++) {
        for (int j = 0; j < 200; j++)
            rubbish += static_cast<char>((random = random * 1664525 + 1013904223) >> 24);
        support::Caller(port).say(rubbish.substr(i * 200, 200) + "\r\n\r\n");
    }
    fail_unless_equals_int(rawAsk(port, "GET", "/yard/").status, 200);
}
GST_END_TEST

static Suite* siteaccess_suite() {
    Suite* suite = suite_create("siteaccess");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, oneLoginForAll);
    tcase_add_test(tests, fromALinkToACookie);
    tcase_add_test(tests, preflightsNeedNoLogin);
    tcase_add_test(tests, joinsAreCounted);
    tcase_add_test(tests, wrongTokens);
    tcase_add_test(tests, aCrowdThatDawdles);
    tcase_add_test(tests, whatIsTooLarge);
    return suite;
}

GST_CHECK_MAIN(siteaccess);
