// Who comes in, and with what.
#include "web/auth.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "net/password.hpp"
#include "web/authorization.hpp"

#include <unistd.h>

#include <fstream>

using namespace std::chrono_literals;

namespace {

const std::string token = "0123456789abcdef0123456789abcdef";
const web::Auth::Clock::time_point now{1h};
const auto date = web::Auth::WallClock::from_time_t(1700000000);

struct Door {
    web::Auth auth;
    explicit Door(const std::string& given, bool secure = false)
        : auth(web::Logins(given), "video-stream-8080", secure) {}

    net::HttpReply ask(net::HttpHeaders headers, const std::string& query = "",
                       web::Auth::Clock::time_point at = now,
                       web::Auth::WallClock::time_point day = date) {
        net::ServerRequest request;
        request.method = "GET";
        request.path = "/yard/";
        request.query = query;
        request.remote = "192.0.2.1";
        request.headers = std::move(headers);
        auto refusal = auth.refusal(request, at, day);
        return refusal ? *refusal : net::HttpReply{200, "", "", {}};
    }
    int status(const std::string& authorization, web::Auth::Clock::time_point at = now) {
        return ask({{"Authorization", authorization}}, "", at).status;
    }
};

std::string header(const net::HttpReply& reply, const std::string& name) {
    net::ServerRequest lookup;
    lookup.headers = reply.headers;
    return lookup.header(name);
}

std::string refusal(const std::string& given) {
    try {
        web::Logins logins(given);
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
        return error.what();
    }
    return "";
}

} // namespace

START_TEST(byToken) {
    Door door("token:" + token);
    const auto bare = door.ask({});
    ck_assert_int_eq(bare.status, 401);
    ck_assert(header(bare, "WWW-Authenticate").find("Bearer") == 0);
    CHECK_STR(bare.type, "application/problem+json");
    ck_assert_int_eq(door.status("Bearer " + token), 200);
    ck_assert_int_eq(door.status("bearer  " + token), 200);
    ck_assert_int_eq(door.status("Bearer " + token + "0"), 401);
    // "any:TOKEN", which is what a browser's own prompt can send.
    ck_assert_int_eq(door.status("Basic YW55OjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm"), 200);
}
END_TEST

START_TEST(byPassword) {
    Door door("alice:s3cret"); // alice:s3cret, alice:wrong, bob:s3cret
    ck_assert_int_eq(door.status("Basic YWxpY2U6czNjcmV0"), 200);
    ck_assert_int_eq(door.status("Basic YWxpY2U6czNjcmV0"), 200); // the second time from memory
    ck_assert_int_eq(door.status("Basic YWxpY2U6d3Jvbmc="), 401);
    ck_assert_int_eq(door.status("Basic Ym9iOnMzY3JldA=="), 401);
    ck_assert_int_eq(door.status("Bearer s3cret"), 401);
    // As "openssl passwd -6 -salt saltsalt s3cret" prints it.
    Door hashed("alice:$6$saltsalt$As4wrv0kZlfch1du9WeH7qhskyLriQWySXrZzynnvi46nFnNxjdpl6ksRegrrKex"
                "vhIa/Iny8S8uF3fVWTMuC1");
    ck_assert_int_eq(hashed.status("Basic YWxpY2U6czNjcmV0"), 200);
    ck_assert_int_eq(hashed.status("Basic YWxpY2U6d3Jvbmc="), 401);
}
END_TEST

START_TEST(byLink) {
    Door door("token:" + token, true);
    const auto moved = door.ask({}, "a=b&token=" + token + "&c=d");
    ck_assert_int_eq(moved.status, 307);
    CHECK_STR(header(moved, "Location"), "/yard/?a=b&c=d");
    CHECK_STR(header(moved, "Referrer-Policy"), "no-referrer");
    const std::string cookie = header(moved, "Set-Cookie");
    ck_assert(cookie.find(token) == std::string::npos);
    for (const char* part : {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"})
        ck_assert_msg(cookie.find(part) != std::string::npos, "%s", part);
    const std::string pair = cookie.substr(0, cookie.find(';'));
    ck_assert_int_eq(door.ask({{"Cookie", "x=y; " + pair}}).status, 200);
    // Not after a month, not with another date, not for another token.
    ck_assert_int_eq(door.ask({{"Cookie", pair}}, "", now, date + 31 * 24h).status, 401);
    std::string forged = pair;
    forged[forged.find('=') + 1] = '9';
    ck_assert_int_eq(door.ask({{"Cookie", forged}}).status, 401);
    Door other("token:" + token + "x");
    ck_assert_int_eq(other.ask({{"Cookie", pair}}).status, 401);
    ck_assert_int_eq(door.ask({}, "token=wrong").status, 401);
}
END_TEST

/// "//host" in a Location would be another host's.
START_TEST(redirectsStayHere) {
    Door door("token:" + token);
    net::ServerRequest request;
    request.method = "GET";
    request.path = "//evil.example/\r\nX: y";
    request.query = "token=" + token;
    CHECK_STR(header(*door.auth.refusal(request, now, date), "Location"),
              "/evil.example/%0D%0AX%3A%20y");
}
END_TEST

START_TEST(wrongOnesWait) {
    Door door("token:" + token);
    ck_assert_int_eq(door.status("Bearer " + token), 200);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(door.status("Bearer wrong" + std::to_string(i)), 401);
    const auto late = door.ask({{"Authorization", "Bearer wrong"}});
    ck_assert_int_eq(late.status, 429);
    CHECK_STR(header(late, "Retry-After"), "10");
    ck_assert_int_eq(door.ask({}, "token=" + token).status, 429); // not even with the right one
    ck_assert_int_eq(door.status("Bearer " + token), 200);        // but who was here stays
    ck_assert_int_eq(door.ask({}).status, 401);                   // and asking is no guess
    ck_assert_int_eq(door.status("Bearer wrong", now + 10s), 401);
}
END_TEST

START_TEST(whereLoginsComeFrom) {
    setenv("TEST_AUTH", ("token:" + token).c_str(), 1);
    ck_assert_int_eq(Door("env:TEST_AUTH").status("Bearer " + token), 200);
    const std::string path = "auth-test-" + std::to_string(getpid());
    std::ofstream(path) << "# who\n\ntoken:" << token << "\r\nalice:s3cret\n";
    Door door("file:" + path);
    ck_assert_int_eq(door.status("Bearer " + token), 200);
    ck_assert_int_eq(door.status("Basic YWxpY2U6czNjcmV0"), 200);
    unlink(path.c_str());
}
END_TEST

START_TEST(sealing) {
    for (const std::string& given : {"token:" + token, std::string("alice:s3cret")}) {
        const std::string kept = web::sealed(given);
        ck_assert(kept.find("s3cret") == std::string::npos &&
                  kept.find(token) == std::string::npos);
        CHECK_STR(web::sealed(given), kept);
        CHECK_STR(web::sealed(kept), kept);
        ck_assert_int_eq(
            Door(kept).status(given[0] == 't' ? "Bearer " + token : "Basic YWxpY2U6czNjcmV0"), 200);
    }
    CHECK_STR(web::sealed("file:/x"), "file:/x");
    ck_assert(web::sealed("alice:a") != web::sealed("alice:b"));
}
END_TEST

START_TEST(whatMakesNoSense) {
    for (const char* given : {"secret", "token:secret", ":secret", "name:", "file:/nowhere/secre",
                              "env:NOT_SET_AT_ALL"}) {
        const std::string said = refusal(given);
        ck_assert_msg(said.find("auth") != said.npos, "%s: %s", given, said.c_str());
        ck_assert_msg(said.find("secret") == said.npos, "%s", said.c_str());
    }
    CHECK_STR(refusal(""), "");
    ck_assert(web::Logins("").empty());
}
END_TEST

START_TEST(headersAreRead) {
    const auto basic = web::readAuthorization("Basic YTpiOmM=");
    ck_assert(basic && !basic->bearer);
    CHECK_STR(basic->name, "a");
    CHECK_STR(basic->secret, "b:c");
    for (const char* header : {"", "Basic", "Basic !!!", "Basic YQ==", "Digest x", "Bearer a b",
                               "Bearer ", "Bearer a\nb", "Basic AAA6AA=="})
        ck_assert_msg(!web::readAuthorization(header), "%s", header);
    ck_assert(!web::readAuthorization("Bearer " + std::string(5000, 'x')));
    CHECK_STR(web::cookieIn("a=1; b=2;c = 3", "b"), "2");
    CHECK_STR(web::cookieIn("ab=1; b", "b"), "");
    const auto query = web::readTokenQuery("x=1&token=a%2Bb&token=z&&y");
    CHECK_STR(*query.token, "a+b");
    CHECK_STR(query.rest, "x=1&y");
    ck_assert(!web::readTokenQuery("tokens=1").token);
}
END_TEST

START_TEST(secretsCompared) {
    ck_assert(net::isSame("abc", "abc") && !net::isSame("abc", "abd") && !net::isSame("a", ""));
    ck_assert(net::isPasswordHash(net::hashPassword("x")));
    ck_assert(net::isPassword("x", net::hashPassword("x")));
    ck_assert(!net::isPassword("y", net::hashPassword("x")));
    ck_assert(!net::isPasswordHash("$dollars$are$no$hash$at$all") && !net::isPasswordHash("abc"));
}
END_TEST

CHECK_MAIN("auth", byToken, byPassword, byLink, redirectsStayHere, wrongOnesWait,
           whereLoginsComeFrom, sealing, whatMakesNoSense, headersAreRead, secretsCompared)
