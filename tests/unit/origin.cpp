// Which pages may ask, and under which names a server answers.
#include "web/origin.hpp"

#include "check.hpp"

namespace {

int asked(const web::OriginPolicy& policy, const std::string& host,
          const std::string& origin = "") {
    net::ServerRequest request;
    request.headers.emplace_back("Host", host);
    if (!origin.empty())
        request.headers.emplace_back("Origin", origin);
    const auto refusal = policy.refusal(request);
    return refusal ? refusal->status : 200;
}

} // namespace

START_TEST(loopbackOnly) {
    const web::OriginPolicy policy{"", true};
    ck_assert_int_eq(asked(policy, "127.0.0.1:8080"), 200);
    ck_assert_int_eq(asked(policy, "LOCALHOST:8080", "http://LOCALHOST:8080"), 200);
    ck_assert_int_eq(asked(policy, "[::1]:8080"), 200);
    ck_assert_int_eq(asked(policy, "rebound.example:8080"), 403);
    ck_assert_int_eq(asked(policy, "127.0.0.1:8080", "https://elsewhere.example"), 403);
    ck_assert_int_eq(asked(policy, "127.0.0.1:8080", "null"), 403);
}
END_TEST

START_TEST(namesThatNobodyElseCanOwn) {
    const web::OriginPolicy policy{"", false};
    for (const char* host : {"192.0.2.7:8080", "[2001:db8::1]", "raspberrypi", "nvr.local:80",
                             "Cam.Fritz.Home", "box.lan", "x.home.arpa", ""})
        ck_assert_msg(asked(policy, host) == 200, "%s", host);
    for (const char* host : {"rebound.example", "rebound.example:8080", "local.evil.example",
                             "192.0.2.7.evil.example", "evil.example.", "notlocal.evil"})
        ck_assert_msg(asked(policy, host) == 403, "%s", host);
    // The page of a rebound name is of our own origin to its browser.
    ck_assert_int_eq(asked(policy, "rebound.example", "http://rebound.example"), 403);
    ck_assert_int_eq(asked(policy, "nvr.local", "http://nvr.local"), 200);
}
END_TEST

START_TEST(namedOnes) {
    const web::OriginPolicy policy{"https://cams.example, https://other.example:444", false};
    ck_assert_int_eq(asked(policy, "cams.example", "https://cams.example"), 200);
    ck_assert_int_eq(asked(policy, "192.0.2.7", "https://other.example:444"), 200);
    ck_assert_int_eq(asked(policy, "192.0.2.7", "https://third.example"), 403);
    const web::OriginPolicy all{"*", true};
    ck_assert_int_eq(asked(all, "anything.example", "https://third.example"), 200);
}
END_TEST

CHECK_MAIN("origin", loopbackOnly, namesThatNobodyElseCanOwn, namedOnes)
