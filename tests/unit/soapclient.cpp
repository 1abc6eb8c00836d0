#include "soapclient.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <deque>
#include <memory>

using namespace onvif;
using base::ErrorKind;

/// A device that answers what it is told to, in order, and keeps what it was asked.
struct Script {
    std::deque<net::HttpResponse> answers;
    std::vector<net::HttpRequest> asked;

    SoapClient client(const net::Credentials& credentials) {
        return SoapClient(
            [this](const net::HttpRequest& request) {
                asked.push_back(request);
                ck_assert_msg(!answers.empty(), "asked once too often: %s", request.body.c_str());
                net::HttpResponse next = answers.front();
                answers.pop_front();
                return next;
            },
            credentials);
    }
    std::string authorization(std::size_t i) const {
        for (const auto& [name, value] : asked.at(i).headers)
            if (name == "Authorization")
                return value;
        return {};
    }
    bool token(std::size_t i) const {
        return asked.at(i).body.find("UsernameToken") != std::string::npos;
    }
    bool bare(std::size_t i) const { return !token(i) && authorization(i).empty(); }
};

static const Operation operation = {wsdl::media, "GetProfiles", ""};
static const net::Credentials admin = {"admin", "s3cret"};

static net::HttpResponse soap(int status, const std::string& body) {
    return {status, "", {}, "<E><Body>" + body + "</Body></E>"};
}
static net::HttpResponse fine() { return soap(200, "<x:GetProfilesResponse/>"); }
static net::HttpResponse fault(int status, const char* code) {
    return soap(status, "<Fault><Code><Value>s:Sender</Value><Subcode><Value>" + std::string(code) +
                            "</Value></Subcode></Code><Reason><Text>no</Text></Reason></Fault>");
}
static net::HttpResponse challenge(const std::string& more = "", const char* nonce = "n1") {
    return {401,
            "",
            {{"WWW-Authenticate",
              "Digest realm=\"r\", qop=\"auth\", nonce=\"" + std::string(nonce) + "\"" + more}},
            ""};
}

static SoapReply call(SoapClient& client, bool mayLogIn = true) {
    std::string url = "http://192.0.2.1/onvif/media";
    return client.call(url, operation, mayLogIn);
}

static ErrorKind refusal(SoapClient& client) {
    try {
        call(client);
    } catch (const base::Error& error) {
        const std::string all = error.what() + error.details();
        ck_assert_msg(all.find("s3cret") == std::string::npos, "%s", all.c_str());
        return error.kind();
    }
    ck_abort_msg("it was not refused");
    return ErrorKind::Failed;
}

START_TEST(bareFirst) {
    Script device{{fine()}, {}};
    auto client = device.client(admin);
    CHECK_STR(call(client).response.name(), "GetProfilesResponse");
    ck_assert(device.bare(0));
    CHECK_STR(device.asked[0].contentType,
              "application/soap+xml; charset=utf-8; "
              "action=\"http://www.onvif.org/ver10/media/wsdl/GetProfiles\"");
    CHECK_STR(client.authenticationName(), "none");
}
END_TEST

/// Quirk A4: a challenge is answered with HTTP Digest, and never with a token beside it.
START_TEST(digestA4) {
    Script device{{challenge(), fine(), fine()}, {}};
    auto client = device.client(admin);
    call(client);
    call(client); // keeps the nonce and counts
    ck_assert(device.bare(0) && !device.token(1) && !device.token(2));
    ck_assert(device.authorization(1).find("uri=\"/onvif/media\"") != std::string::npos);
    ck_assert(device.authorization(1).find("nc=00000001") != std::string::npos);
    ck_assert(device.authorization(2).find("nc=00000002") != std::string::npos);
    CHECK_STR(client.authenticationName(), "digest MD5");
}
END_TEST

/// Quirk A6.
START_TEST(digestSha256A6) {
    Script device{{challenge(", algorithm=SHA-256"), fine()}, {}};
    auto client = device.client(admin);
    call(client);
    CHECK_STR(client.authenticationName(), "digest SHA-256");
}
END_TEST

/// All the ways a device says that it wants a token.
START_TEST(tokenA4) {
    for (const auto& refusal :
         {fault(400, "ter:NotAuthorized"), fault(200, "ter:NotAuthorized"),
          fault(500, "wsse:FailedAuthentication"), net::HttpResponse{401, "", {}, ""},
          net::HttpResponse{200, "", {}, ""},
          net::HttpResponse{401, "", {{"WWW-Authenticate", "Basic realm=\"x\""}}, ""}}) {
        Script device{{refusal, fine()}, {}};
        auto client = device.client(admin);
        call(client);
        ck_assert(device.bare(0) && device.token(1) && device.authorization(1).empty());
        ck_assert(device.asked[1].body.find("s3cret") == std::string::npos);
        CHECK_STR(client.authenticationName(), "username token");
    }
}
END_TEST

/// Quirk A1: Created is in the device's time.
START_TEST(clockA1) {
    Script device{{fault(400, "ter:NotAuthorized"), fine()}, {}};
    auto client = device.client(admin);
    client.setDeviceTime(
        std::chrono::system_clock::from_time_t(1000000000)); // 2001-09-09T01:46:40Z
    call(client);
    ck_assert_msg(device.asked[1].body.find(">2001-09-09T01:46:4") != std::string::npos ||
                      device.asked[1].body.find(">2001-09-09T01:46:5") != std::string::npos,
                  "%s", device.asked[1].body.c_str());
}
END_TEST

/// Quirk A5: one rejection ends it, whatever is asked afterwards.
START_TEST(lockOutA5) {
    for (const bool digest : {true, false}) {
        Script device;
        if (digest)
            device.answers = {challenge(), challenge("", "n2")};
        else
            device.answers = {fault(400, "ter:NotAuthorized"), fault(400, "ter:NotAuthorized")};
        auto client = device.client(admin);
        ck_assert(refusal(client) == ErrorKind::NotAuthorized);
        ck_assert(refusal(client) == ErrorKind::NotAuthorized);
        ck_assert_uint_eq(device.asked.size(), 2);
    }
}
END_TEST

START_TEST(withoutCredentialsNothingIsTried) {
    Script device{{challenge(), challenge()}, {}};
    auto client = device.client({});
    ck_assert(refusal(client) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 1);
    auto other = device.client(admin);
    try {
        call(other, false);
        ck_abort_msg("it was not refused");
    } catch (const base::Error& error) {
        ck_assert(error.kind() == ErrorKind::NotAuthorized);
    }
    ck_assert_uint_eq(device.asked.size(), 2);
}
END_TEST

/// A nonce that got old is no rejection: said so, or noticed as it worked before.
START_TEST(staleNonce) {
    Script device{
        {challenge(), challenge(", stale=true", "n2"), fine(), challenge("", "n3"), fine()}, {}};
    auto client = device.client(admin);
    call(client);
    ck_assert(device.authorization(2).find("nonce=\"n2\"") != std::string::npos);
    call(client);
    ck_assert(device.authorization(4).find("nonce=\"n3\"") != std::string::npos);
}
END_TEST

/// The user is known and may not do this: no new login, and other operations go on.
START_TEST(lackOfRightsIsNoRejection) {
    Script device{
        {fault(400, "ter:NotAuthorized"), fine(), fault(400, "ter:NotAuthorized"), fine()}, {}};
    auto client = device.client(admin);
    call(client);
    ck_assert(refusal(client) == ErrorKind::NotAuthorized);
    call(client);
    ck_assert_uint_eq(device.asked.size(), 4);
}
END_TEST

/// Quirk H1: few refuse the action in the content type.
START_TEST(actionH1) {
    Script device{
        {soap(500, "<Fault><Reason><Text>The action cannot be processed at the receiver</Text>"
                   "</Reason></Fault>"),
         fine(), fine()},
        {}};
    auto client = device.client({});
    call(client);
    call(client);
    ck_assert(device.asked[0].contentType.find("action") != std::string::npos);
    CHECK_STR(device.asked[1].contentType, "application/soap+xml; charset=utf-8");
    CHECK_STR(device.asked[2].contentType, "application/soap+xml; charset=utf-8");
}
END_TEST

/// Quirk H2: what is not an answer.
START_TEST(answersThatAreNoneH2) {
    for (const auto& answer :
         {net::HttpResponse{200, "", {}, "<html><body>x</body></html>"},
          net::HttpResponse{500, "", {}, ""}, net::HttpResponse{404, "", {}, "no"},
          soap(200, "<SomethingElseResponse/>")}) {
        Script device{{answer}, {}};
        auto client = device.client({});
        ck_assert(refusal(client) == ErrorKind::BadData);
    }
    Script device{{fault(500, "ter:ActionNotSupported")}, {}};
    auto client = device.client({});
    try {
        call(client);
        ck_abort_msg("a fault is not an answer");
    } catch (const SoapFault& error) {
        ck_assert(error.fault().notSupported() && error.kind() == ErrorKind::Unsupported);
    }
}
END_TEST

START_TEST(dateOfTheServer) {
    auto answer = fine();
    answer.headers.emplace_back("date", "Sun, 09 Sep 2001 01:46:40 GMT");
    Script device{{answer}, {}};
    auto client = device.client({});
    call(client);
    ck_assert(client.serverDate() == std::chrono::system_clock::from_time_t(1000000000));
}
END_TEST

CHECK_MAIN("soapclient", bareFirst, digestA4, digestSha256A6, tokenA4, clockA1, lockOutA5,
           withoutCredentialsNothingIsTried, staleNonce, lackOfRightsIsNoRejection, actionH1,
           answersThatAreNoneH2, dateOfTheServer)
