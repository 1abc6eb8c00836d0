#include "rtsplogin.hpp"

#include "check.hpp"

using onvif::RtspLogin;
using Verdict = RtspLogin::Verdict;

static const std::string uri = "rtsp://192.0.2.7/main";
static std::string challenge(const std::string& more, const std::string& nonce = "n1") {
    return "Digest realm=\"camera\", nonce=\"" + nonce + "\"" + more;
}
static const std::string sha256 = ", algorithm=SHA-256";
static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Computed with sha256sum: H(H(admin:camera:secret):n1:H(DESCRIBE:rtsp://192.0.2.7/main)).
START_TEST(answersSha256) {
    RtspLogin login({"admin", "secret"});
    ck_assert(login.authorization("OPTIONS", uri).empty());
    ck_assert(login.judge({challenge(sha256)}) == Verdict::Again);
    const std::string header = login.authorization("DESCRIBE", uri);
    ck_assert_msg(has(header, "d73e4116690fb31f91613657d9cd956c25e724f3b4556e23a67ad5a6cf64d398"),
                  "%s", header.c_str());
    ck_assert(has(header, "algorithm=SHA-256"));
    ck_assert(has(header, "uri=\"" + uri + "\""));
    ck_assert(!has(header, "secret"));
}
END_TEST

/// With qop each use of a nonce is counted.
START_TEST(countsTheNonce) {
    RtspLogin login({"admin", "secret"});
    ck_assert(login.judge({challenge(sha256 + ", qop=\"auth\"")}) == Verdict::Again);
    ck_assert(has(login.authorization("DESCRIBE", uri), "nc=00000001"));
    login.accepted();
    ck_assert(has(login.authorization("SETUP", uri), "nc=00000002"));
}
END_TEST

START_TEST(leavesTheRestToRtspsrc) {
    const std::vector<std::vector<std::string>> others = {
        {}, {"Basic realm=\"camera\""}, {challenge("")}, {challenge(", algorithm=SHA-512-256")}};
    for (const auto& headers : others) {
        RtspLogin login({"admin", "secret"});
        ck_assert(login.judge(headers) == Verdict::NotOurs);
        ck_assert(login.authorization("DESCRIBE", uri).empty());
    }
    RtspLogin nobody({"", ""});
    ck_assert(nobody.judge({challenge(sha256)}) == Verdict::NotOurs);
}
END_TEST

/// The server's order is its preference.
START_TEST(takesTheFirstOfSeveral) {
    RtspLogin login({"admin", "secret"});
    ck_assert(login.judge({challenge(sha256), challenge("")}) == Verdict::Again);
    ck_assert(has(login.authorization("DESCRIBE", uri), "SHA-256"));
}
END_TEST

START_TEST(isNotShownTwiceWhenRefused) {
    RtspLogin login({"admin", "wrong"});
    ck_assert(login.judge({challenge(sha256)}) == Verdict::Again);
    ck_assert(!login.authorization("DESCRIBE", uri).empty());
    ck_assert(login.judge({challenge(sha256, "n2")}) == Verdict::Refused);
}
END_TEST

START_TEST(takesAnotherNonceWhenTheOldOneWasGood) {
    RtspLogin login({"admin", "secret"});
    login.judge({challenge(sha256)});
    login.authorization("DESCRIBE", uri);
    login.accepted();
    login.authorization("SETUP", uri);
    ck_assert(login.judge({challenge(sha256, "n2")}) == Verdict::Again);
    ck_assert(has(login.authorization("SETUP", uri), "n2"));
    ck_assert(login.judge({challenge(sha256 + ", stale=true", "n3")}) == Verdict::Again);
    ck_assert(has(login.authorization("SETUP", uri), "n3"));
    ck_assert(login.judge({challenge(sha256, "n4")}) == Verdict::Refused);
}
END_TEST

CHECK_MAIN("rtsplogin", answersSha256, countsTheNonce, leavesTheRestToRtspsrc,
           takesTheFirstOfSeveral, isNotShownTwiceWhenRefused,
           takesAnotherNonceWhenTheOldOneWasGood)
