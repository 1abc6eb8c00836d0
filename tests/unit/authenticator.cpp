#include "support/authenticator.hpp"

#include "check.hpp"
#include "net/digest.hpp"

#include <glib.h>

#include <cstring>

using namespace std::chrono_literals;

namespace {

const std::string user = "admin", password = "p\xc3\xa4ss w\"ord";
const std::string target = "/onvif/media_service";

/// The answer of a client to the challenge of that algorithm.
std::string answer(const std::vector<std::string>& challenges, const std::string& algorithm,
                   const std::string& word = password, const std::string& uri = target,
                   unsigned count = 1) {
    for (const auto& challenge : net::digestChallenges(challenges))
        if (challenge.algorithm == algorithm)
            return net::digestAuthorization(challenge, {user, word},
                                            {"POST", uri, "", "c0ffee", count});
    return {};
}

camera::DigestVerdict judged(camera::HttpDigest& digest, const std::string& authorization,
                             camera::HttpDigest::Clock::time_point now,
                             const std::string& method = "POST") {
    return digest.check(authorization, method, target, now);
}

std::string timeText(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc));
}

struct Token {
    std::string name = user, word = password, nonce = "0123456789abcdef";
    std::string created = timeText(std::chrono::system_clock::now());
    std::string type = "http://docs.oasis-open.org/wss/2004/01/"
                       "oasis-200401-wss-username-token-profile-1.0#PasswordDigest";

    net::XmlDocument document() const {
        char* encoded =
            g_base64_encode(reinterpret_cast<const guchar*>(nonce.data()), nonce.size());
        const std::string nonceText = encoded;
        g_free(encoded);
        return net::XmlDocument::parse(
            "<w:UsernameToken xmlns:w='urn:w'><w:Username>" + name +
            "</w:Username><w:Password Type='" + type + "'>" +
            camera::passwordDigest(nonce, created, word) + "</w:Password><w:Nonce>" + nonceText +
            "</w:Nonce><w:Created>" + created + "</w:Created></w:UsernameToken>");
    }
};

bool accepted(camera::UsernameToken& checker, const Token& token,
              std::chrono::system_clock::time_point now = std::chrono::system_clock::now()) {
    const auto document = token.document();
    return checker.check(document.root(), now);
}

} // namespace

START_TEST(digestOfBothKinds) {
    const auto now = camera::HttpDigest::Clock::now();
    camera::HttpDigest digest(user, password, "R");
    const auto challenges = digest.challenges(now);
    ck_assert_uint_eq(challenges.size(), 2);
    ck_assert(challenges[0].find("algorithm=MD5") != std::string::npos);
    ck_assert(judged(digest, answer(challenges, "MD5"), now) == camera::DigestVerdict::Granted);
    const auto next = answer(challenges, "SHA-256", password, target, 2);
    ck_assert(judged(digest, next, now) == camera::DigestVerdict::Granted);
    const auto whole = answer(challenges, "MD5", password, "http://10.0.0.1:80" + target, 3);
    ck_assert(judged(digest, whole, now) == camera::DigestVerdict::Granted);
}
END_TEST

START_TEST(digestRefusals) {
    const auto now = camera::HttpDigest::Clock::now();
    camera::HttpDigest digest(user, password, "R"), other(user, password, "R");
    const auto challenges = digest.challenges(now);
    const auto right = answer(challenges, "MD5");
    const auto refused = camera::DigestVerdict::Refused;
    ck_assert(judged(digest, "", now) == refused);
    ck_assert(judged(digest, "Basic YWRtaW46cA==", now) == refused);
    ck_assert(judged(digest, answer(challenges, "MD5", "wrong"), now) == refused);
    ck_assert(judged(digest, answer(challenges, "MD5", password, "/elsewhere"), now) == refused);
    ck_assert(judged(digest, right, now, "GET") == refused);
    ck_assert(judged(digest, answer(other.challenges(now), "MD5"), now) == refused);
    for (const auto& [from, to] : {std::pair{"username=\"admin", "username=\"root"},
                                   {"qop=auth", "qop=auth-int"},
                                   {"nc=00000001", "nc=1"},
                                   {"algorithm=MD5", "algorithm=MD4"},
                                   {"realm=\"R", "realm=\"S"}}) {
        std::string changed = right;
        const auto at = changed.find(from);
        ck_assert_msg(at != std::string::npos, "%s is not in %s", from, right.c_str());
        changed.replace(at, std::strlen(from), to);
        ck_assert_msg(judged(digest, changed, now) == refused, "%s", changed.c_str());
    }
    ck_assert(judged(digest, right, now) == camera::DigestVerdict::Granted);
}
END_TEST

START_TEST(digestReplayAndAge) {
    const auto now = camera::HttpDigest::Clock::now();
    camera::HttpDigest digest(user, password, "R");
    const auto challenges = digest.challenges(now);
    const auto first = answer(challenges, "MD5");
    ck_assert(judged(digest, first, now) == camera::DigestVerdict::Granted);
    ck_assert(judged(digest, first, now) == camera::DigestVerdict::Stale);
    const auto second = answer(challenges, "MD5", password, target, 2);
    ck_assert(judged(digest, second, now + 299s) == camera::DigestVerdict::Granted);
    const auto third = answer(challenges, "MD5", password, target, 3);
    ck_assert(judged(digest, third, now + 301s) == camera::DigestVerdict::Stale);
    // A wrong password does not learn that the nonce is old.
    const auto wrong = answer(challenges, "MD5", "wrong", target, 3);
    ck_assert(judged(digest, wrong, now + 301s) == camera::DigestVerdict::Refused);
    for (int i = 1; i < 1000; ++i) { // what is remembered is bounded; newer nonces go on working
        const auto later = now + std::chrono::milliseconds(i);
        ck_assert(judged(digest, answer(digest.challenges(later), "MD5"), later) ==
                  camera::DigestVerdict::Granted);
    }
    // Forgotten is not forgiven.
    ck_assert(judged(digest, first, now) == camera::DigestVerdict::Stale);
}
END_TEST

START_TEST(hostileDigestHeaders) {
    camera::HttpDigest digest(user, password, "R");
    const auto now = camera::HttpDigest::Clock::now();
    std::string many = "Digest a=1";
    for (int i = 0; i < 100; ++i)
        many += ", a" + std::to_string(i) + "=1";
    for (const std::string& header :
         {std::string("Digest"), std::string("Digest "), std::string("Digest ,,,"),
          std::string("Digest username"), std::string("Digest username=\"adm"),
          std::string("Digest username=\"a\\"), std::string("Digest =x"), many,
          std::string("Digest nonce=\"-\""), std::string("Digest nonce=\"99999999999999999999-a\""),
          std::string(100000, ','), "Digest " + std::string(100000, '"')})
        ck_assert(judged(digest, header, now) == camera::DigestVerdict::Refused);
    const auto fields = camera::digestFields("DIGEST A=\"x\\\"y\" , b = c,d=\"\"");
    ck_assert_uint_eq(fields.size(), 3);
    CHECK_STR(fields.at("a"), "x\"y");
    CHECK_STR(fields.at("b"), "c");
}
END_TEST

// The example of the ONVIF Application Programmer's Guide 1.0, section 6.1.1.3.
START_TEST(tokenVector) {
    gsize size = 0;
    guchar* bytes = g_base64_decode("LKqI6G/AikKCQrN0zqZFlg==", &size);
    const std::string nonce(reinterpret_cast<const char*>(bytes), size);
    g_free(bytes);
    CHECK_STR(camera::passwordDigest(nonce, "2010-09-16T07:50:45Z", "userpassword"),
              "tuOSpGlFlIXsozq4HFNeeGeFLEI=");
}
END_TEST

START_TEST(tokenRefusals) {
    camera::UsernameToken checker(user, password);
    Token good;
    ck_assert(accepted(checker, good));
    ck_assert(!accepted(checker, good)); // a second time
    good.nonce = "another";
    ck_assert(accepted(checker, good));

    const auto changed = [&](auto change) {
        Token token;
        token.nonce = "third";
        change(token);
        return accepted(checker, token);
    };
    ck_assert(!changed([](Token& t) { t.word = "wrong"; }));
    ck_assert(!changed([](Token& t) { t.name = "root"; }));
    ck_assert(!changed([](Token& t) { t.type = "urn:x#PasswordText"; }));
    ck_assert(!changed([](Token& t) { t.nonce = ""; }));
    ck_assert(!changed([](Token& t) { t.created = "yesterday"; }));
    const auto now = std::chrono::system_clock::now();
    ck_assert(!changed([&](Token& t) { t.created = timeText(now - 40s); }));
    ck_assert(!changed([&](Token& t) { t.created = timeText(now + 40s); }));
    ck_assert(changed([&](Token& t) { t.created = timeText(now - 20s); }));
}
END_TEST

START_TEST(tokenIsRememberedForItsWindow) {
    camera::UsernameToken checker(user, password);
    const Token token;
    const auto now = std::chrono::system_clock::now();
    ck_assert(accepted(checker, token, now));
    for (int i = 0; i < 29; ++i)
        ck_assert(!accepted(checker, token, now + std::chrono::seconds(i)));
}
END_TEST

// ONVIF core specification, "Authentication over HTTP and HTTPS".
START_TEST(modes) {
    const auto document = Token{}.document();
    const camera::Proof bare{"POST", target, "", {}};
    camera::Proof withToken = bare;
    withToken.token = document.root();

    const camera::Ills well;
    camera::Lockout door(well);
    camera::Authenticator none(camera::Auth::None, "", "", well, door);
    ck_assert(none.checkCall(bare).granted && none.checkHttp(bare).granted);

    camera::Authenticator wsse(camera::Auth::Wsse, user, password, well, door);
    ck_assert_int_eq(wsse.checkCall(bare).status, 400);
    ck_assert_uint_eq(wsse.checkCall(bare).challenges.size(), 0);
    ck_assert(wsse.checkCall(withToken).granted);
    ck_assert_int_eq(wsse.checkHttp(bare).status, 401); // snapshots know digest only

    camera::Authenticator digest(camera::Auth::Digest, user, password, well, door);
    ck_assert_int_eq(digest.checkCall(bare).status, 401);
    ck_assert_int_eq(digest.checkCall(withToken).status, 401);

    camera::Authenticator both(camera::Auth::Both, user, password, well, door);
    const auto challenge = both.checkCall(bare);
    ck_assert_int_eq(challenge.status, 401);
    ck_assert_uint_eq(challenge.challenges.size(), 2);
    ck_assert(both.checkCall(withToken).granted);
    ck_assert_int_eq(both.checkCall(withToken).status, 400); // replayed
    camera::Proof digested = bare;
    digested.authorization = answer(challenge.challenges, "SHA-256");
    ck_assert(both.checkCall(digested).granted);
    // Both at once: the token must be right too.
    digested.authorization = answer(challenge.challenges, "MD5", password, target, 2);
    digested.token = document.root();
    ck_assert_int_eq(both.checkCall(digested).status, 400);
    Token fresh;
    fresh.nonce = "fresh";
    const auto freshDocument = fresh.document();
    digested.authorization = answer(challenge.challenges, "MD5", password, target, 3);
    digested.token = freshDocument.root();
    ck_assert(both.checkCall(digested).granted);
    digested.authorization = answer(challenge.challenges, "MD5", "wrong", target, 4);
    ck_assert_int_eq(both.checkCall(digested).status, 401);
}
END_TEST

START_TEST(algorithms) {
    const camera::Ills well;
    camera::Lockout door(well);
    const camera::Proof bare{"POST", target, "", {}};
    camera::Authenticator sha(camera::Auth::DigestSha256, user, password, well, door);
    camera::Authenticator both(camera::Auth::DigestBoth, user, password, well, door);
    const auto one = sha.checkCall(bare).challenges, two = both.checkCall(bare).challenges;
    ck_assert_uint_eq(one.size(), 1);
    ck_assert(one[0].find("algorithm=SHA-256") != std::string::npos);
    ck_assert_uint_eq(two.size(), 2);
    ck_assert(two[0].find("algorithm=SHA-256") != std::string::npos);
    camera::Proof proof = bare;
    proof.authorization = answer(one, "SHA-256");
    ck_assert(sha.checkCall(proof).granted);
    // Who answers with MD5 what was asked with SHA-256 is refused.
    std::string weak = one[0];
    weak.replace(weak.find("SHA-256"), 7, "MD5");
    proof.authorization = answer({weak}, "MD5", password, target, 2);
    ck_assert(!sha.checkCall(proof).granted);
    proof.authorization = answer(two, "MD5");
    ck_assert(both.checkCall(proof).granted);
}
END_TEST

/// The ill clock-skew: tokens are held against the camera's own clock.
START_TEST(clockSkew) {
    const camera::Ills ills{{"clock-skew", "3600"}};
    camera::Lockout door(ills);
    camera::Authenticator wsse(camera::Auth::Wsse, user, password, ills, door);
    camera::Proof proof{"POST", target, "", {}};
    Token token;
    const auto host = token.document();
    proof.token = host.root();
    ck_assert(!wsse.checkCall(proof).granted);
    token.created = timeText(std::chrono::system_clock::now() + 3600s);
    const auto theirs = token.document();
    proof.token = theirs.root();
    ck_assert(wsse.checkCall(proof).granted);
}
END_TEST

/// The ill lock-out: who is locked out is refused with the right word too, and nothing that is no
/// guess counts as one.
START_TEST(lockOut) {
    const camera::Ills ills{{"lock-out", "2"}};
    camera::Lockout door(ills);
    camera::Authenticator digest(camera::Auth::Digest, user, password, ills, door);
    camera::Proof proof{"POST", target, "", {}};
    const auto challenges = digest.checkCall(proof).challenges;
    proof.authorization = answer(challenges, "MD5");
    ck_assert(digest.checkCall(proof).granted);
    ck_assert(digest.checkCall(proof).stale); // replayed
    ck_assert_uint_eq(door.wrongLogins(), 0);
    for (unsigned i = 2; i < 4; ++i) {
        proof.authorization = answer(challenges, "MD5", "wrong", target, i);
        ck_assert_int_eq(digest.checkCall(proof).status, 401);
    }
    ck_assert_uint_eq(door.wrongLogins(), 2);
    proof.authorization = answer(challenges, "MD5", password, target, 5);
    ck_assert_int_eq(digest.checkCall(proof).status, 401);
    ck_assert_int_eq(digest.checkHttp(proof).status, 401);
}
END_TEST

START_TEST(comparing) {
    ck_assert(camera::equalInConstantTime("", ""));
    ck_assert(camera::equalInConstantTime("abc", "abc"));
    for (const char* other : {"", "ab", "abd", "abcabc", "Abc"}) {
        ck_assert(!camera::equalInConstantTime("abc", other));
        ck_assert(!camera::equalInConstantTime(other, "abc"));
    }
}
END_TEST

CHECK_MAIN("authenticator", digestOfBothKinds, digestRefusals, digestReplayAndAge,
           hostileDigestHeaders, tokenVector, tokenRefusals, tokenIsRememberedForItsWindow, modes,
           algorithms, clockSkew, lockOut, comparing)
