#include "net/digest.hpp"

#include "check.hpp"

using namespace net;

static void assertHas(const std::string& text, const std::string& part) {
    ck_assert_msg(text.find(part) != std::string::npos, "'%s' lacks '%s'", text.c_str(),
                  part.c_str());
}
static void assertLacks(const std::string& text, const std::string& part) {
    ck_assert_msg(text.find(part) == std::string::npos, "'%s' has '%s'", text.c_str(),
                  part.c_str());
}

/// RFC 7616 section 3.9.1.
static const std::vector<std::string> rfc7616 = {
    "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
    "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""};
static const Credentials mufasa = {"Mufasa", "Circle of Life"};
static const DigestRequest get = {"GET", "/dir/index.html", "",
                                  "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1};

START_TEST(examplesOfRfc7616) {
    const auto challenges = digestChallenges(rfc7616);
    ck_assert_uint_eq(challenges.size(), 2);
    const std::string sha = digestAuthorization(challenges[0], mufasa, get);
    assertHas(sha, "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"");
    assertHas(sha, "algorithm=SHA-256");
    assertHas(sha, "nc=00000001");
    assertHas(sha, "qop=auth,");
    assertHas(sha, "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
    assertHas(digestAuthorization(challenges[1], mufasa, get),
              "response=\"8ca523f5e9506fed4657c9700eebdbec\"");
    assertLacks(sha, "Circle");
}
END_TEST

START_TEST(exampleOfRfc2617) {
    const auto c = digestChallenges({"Digest realm=\"testrealm@host.com\",qop=\"auth,auth-int\","
                                     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\","
                                     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""});
    const std::string header = digestAuthorization(c.at(0), {"Mufasa", "Circle Of Life"},
                                                   {"GET", "/dir/index.html", "", "0a4f113b", 1});
    assertHas(header, "response=\"6629fae49393a05397450978507c4ef1\"");
    assertLacks(header, "algorithm"); // only what the server said is said back
}
END_TEST

/// RFC 2069 has no qop; the response is the one of its erratum 749.
START_TEST(exampleOfRfc2069) {
    const auto c = digestChallenges({"Digest realm=\"testrealm@host.com\", "
                                     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""});
    const std::string header = digestAuthorization(c.at(0), {"Mufasa", "CircleOfLife"},
                                                   {"GET", "/dir/index.html", "", "unused", 1});
    assertHas(header, "response=\"1949323746fe6a43ef61f9606e7febea\"");
    assertLacks(header, "cnonce");
    assertLacks(header, "nc=");
}
END_TEST

/// RFC 7616 section 3.4.4: SHA-256("Jäsøn Doe:api@example.org"), computed with Python's hashlib.
START_TEST(userNameHashed) {
    auto c = digestChallenges({"Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-256, "
                               "nonce=\"n\", userhash=true"})
                 .at(0);
    const std::string header =
        digestAuthorization(c, {"J\u00e4s\u00f8n Doe", "Secret, or not?"}, get);
    assertHas(header, "userhash=true");
    assertLacks(header, "Doe");
    assertHas(header,
              "username=\"5a1a8a47df5c298551b9b42ba9b05835174a5bd7d511ff7fe9191d8e946fc4e7\"");
    c.userhash = false;
    assertHas(digestAuthorization(c, {"a\"b\\c", "x"}, get), "username=\"a\\\"b\\\\c\"");
}
END_TEST

START_TEST(sessionAndIntegrity) {
    // Computed with the formulas of RFC 7616 section 3.4.2 by another implementation (Python
    // hashlib).
    const auto c =
        digestChallenges({"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess, qop=\"auth-int\""});
    const std::string header =
        digestAuthorization(c.at(0), {"u", "p"}, {"POST", "/x", "body", "cn", 2});
    assertHas(header, "qop=auth-int, nc=00000002");
    assertHas(header, "response=\"b6f1e8ac142aac9c788f82f65944d65f\"");
}
END_TEST

START_TEST(manyInOneHeader) {
    const auto c = digestChallenges(
        {"Basic realm=\"a, b\", Negotiate, digest REALM = \"one \\\"quoted\\\"\" , "
         "nonce=abc,stale=TRUE , "
         "Digest realm=\"two\", nonce=\"x,y=z\", algorithm=\"SHA-256\", qop=auth"});
    ck_assert_uint_eq(c.size(), 2);
    CHECK_STR(c[0].realm, "one \"quoted\"");
    CHECK_STR(c[0].nonce, "abc");
    ck_assert(c[0].stale && !c[0].auth);
    CHECK_STR(c[1].nonce, "x,y=z");
    ck_assert(c[1].sha256() && c[1].auth && !c[1].authInt);
}
END_TEST

START_TEST(choiceOfChallenge) {
    ck_assert(chooseChallenge(digestChallenges(rfc7616))->sha256());
    const auto unknown =
        digestChallenges({"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256"});
    ck_assert(!chooseChallenge(unknown).has_value());
    const auto second = digestChallenges({"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256",
                                          "Digest realm=\"r\", nonce=\"m\""});
    CHECK_STR(chooseChallenge(second)->nonce, "m");
    ck_assert(!chooseChallenge(digestChallenges({"Digest realm=\"no nonce\""})).has_value());
}
END_TEST

START_TEST(rubbish) {
    for (const char* header :
         {"", "Digest", "Digest ,,,=,==\"", "Digest nonce=\"unclosed", "=", "\"",
          "Digest nonce=\"a\\", "\x01\x02\xff", "Digest Digest Digest nonce="}) {
        for (const auto& challenge : digestChallenges({header}))
            digestAuthorization(challenge, mufasa, get);
    }
    ck_assert(digestChallenges({"Digest nonce=\"" + std::string(100000, 'a') + "\""}).empty());
}
END_TEST

CHECK_MAIN("digest", examplesOfRfc7616, exampleOfRfc2617, exampleOfRfc2069, userNameHashed,
           sessionAndIntegrity, manyInOneHeader, choiceOfChallenge, rubbish)
