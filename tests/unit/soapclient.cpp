#include "soapclient.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

using namespace onvif;
using base::ErrorKind;

/// A device that answers what it is told to, in order, and keeps what it was asked.
struct Script {
    std::deque<net::HttpResponse> answers;
    std::vector<net::HttpRequest> asked{};
    Refusals refusals{};

    SoapClient client(const net::Credentials& credentials) {
        return SoapClient(
            [this](const net::HttpRequest& request) {
                asked.push_back(request);
                ck_assert_msg(!answers.empty(), "asked once too often: %s", request.body.c_str());
                net::HttpResponse next = answers.front();
                answers.pop_front();
                return next;
            },
            credentials, {}, refusals);
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
static SoapReply callOther(SoapClient& client, const std::string& name) {
    std::string url = "http://192.0.2.1/onvif/media";
    return client.call(url, {wsdl::media, name, ""});
}

static ErrorKind refusal(SoapClient& client, const std::string& name = "GetProfiles") {
    try {
        callOther(client, name);
    } catch (const base::Error& error) {
        const std::string all = error.what() + error.details();
        ck_assert_msg(all.find("s3cret") == std::string::npos, "%s", all.c_str());
        return error.kind();
    }
    ck_abort_msg("it was not refused");
    return ErrorKind::Failed;
}

START_TEST(bareFirst) {
    Script device{{fine()}};
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
    Script device{{challenge(), fine(), fine()}};
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
    Script device{{challenge(", algorithm=SHA-256"), fine()}};
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
        Script device{{refusal, fine()}};
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
    Script device{{fault(400, "ter:NotAuthorized"), fine()}};
    auto client = device.client(admin);
    client.clock().set(std::chrono::system_clock::from_time_t(1000000000)); // 2001-09-09T01:46:40Z
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

/// Quirk A5: nor by the next client of this process, until the password is another one.
START_TEST(lockOutIsRememberedA5) {
    Script device;
    device.answers = {challenge(), challenge("", "n2")};
    auto first = device.client(admin);
    ck_assert(refusal(first) == ErrorKind::NotAuthorized);
    device.answers = {challenge(), challenge()};
    auto again = device.client(admin);
    ck_assert(refusal(again) == ErrorKind::NotAuthorized);
    ck_assert(refusal(again) == ErrorKind::NotAuthorized);
    ck_assert(device.bare(2) && device.bare(3));
    device.answers = {challenge(), fine()};
    auto corrected = device.client({"admin", "b3tter"});
    call(corrected);
    ck_assert(!device.bare(5));
}
END_TEST

/// Quirk A5: the password is another one since. One wrong login by the nonce of before, one by the
/// new one, and no more: of this client, nor of the next.
START_TEST(passwordChangedA5) {
    Script device;
    device.answers = {challenge(), fine(), challenge("", "n2"), challenge("", "n3")};
    auto client = device.client(admin);
    call(client);
    for (int i = 0; i < 4; i++)
        ck_assert(refusal(client) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 4);
    device.answers = {challenge()};
    auto next = device.client(admin);
    ck_assert(refusal(next) == ErrorKind::NotAuthorized);
    ck_assert(device.bare(4));
}
END_TEST

/// Quirk A5: another client that was let in before does not answer a new challenge either.
START_TEST(toldByAnotherA5) {
    Script device;
    device.answers = {challenge(), fine(), challenge(), fine(), challenge(), challenge()};
    auto first = device.client(admin), second = device.client(admin);
    call(first);
    call(second);
    ck_assert(refusal(first) == ErrorKind::NotAuthorized);
    device.answers = {challenge()};
    ck_assert(refusal(second) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 7);
}
END_TEST

/// Quirk A5: by a token the same, where the device says that it was the password.
START_TEST(passwordChangedByTokenA5) {
    Script device;
    device.answers = {fault(400, "ter:NotAuthorized"), fine(),
                      fault(400, "wsse:FailedAuthentication")};
    auto client = device.client(admin);
    call(client);
    for (const char* name : {"GetProfiles", "GetStatus", "Stop"})
        ck_assert(refusal(client, name) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 3);
}
END_TEST

/// What was refused is tried again when its time is over, bare first.
START_TEST(refusalsEndA5) {
    Script device;
    device.answers = {challenge(), challenge()};
    auto client = device.client(admin);
    ck_assert(refusal(client) == ErrorKind::NotAuthorized);
    ck_assert(refusal(client) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 2);
    device.refusals.refused("http://192.0.2.1:80", admin, Refusals::Clock::now() - Refusals::pause);
    device.answers = {challenge(), fine()};
    call(client);
    ck_assert(device.bare(2) && !device.bare(3));
}
END_TEST

/// Quirk A5: elements that are started together with a wrong password are one wrong login.
START_TEST(startedTogetherA5) {
    Refusals refusals;
    std::atomic<int> logins{0};
    const Exchange device = [&](const net::HttpRequest& request) {
        if (request.sealed)
            logins++;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return challenge();
    };
    std::vector<std::thread> elements;
    for (int i = 0; i < 12; i++)
        elements.emplace_back([&] {
            SoapClient client(device, admin, {}, refusals);
            refusal(client);
        });
    for (auto& element : elements)
        element.join();
    ck_assert_int_eq(logins, 1);
}
END_TEST

/// Quirk A3: a clock years or a time zone off may be a lie. One more try with ours, never a third.
START_TEST(wrongClockA3) {
    const auto now = std::chrono::system_clock::now();
    for (const std::chrono::hours off : {std::chrono::hours(2), std::chrono::hours(-24 * 365)}) {
        Script device;
        device.answers = {fault(400, "ter:NotAuthorized"), fault(400, "ter:NotAuthorized"), fine(),
                          fine()};
        auto client = device.client(admin);
        client.clock().set(now + off);
        call(client);
        call(client); // stays with what worked
        const std::string day = utcText(std::chrono::system_clock::now()).substr(0, 14);
        ck_assert(device.asked[1].body.find(">" + day) == std::string::npos);
        ck_assert(device.asked[2].body.find(">" + day) != std::string::npos);
        ck_assert(device.asked[3].body.find(">" + day) != std::string::npos);
        device.answers.assign(3, fault(400, "ter:NotAuthorized"));
        auto wrong = device.client({"admin", "s3cret too"});
        wrong.clock().set(now + off);
        ck_assert(refusal(wrong) == ErrorKind::NotAuthorized);
        ck_assert_uint_eq(device.asked.size(), 7);
    }
    // A clock that merely drifts is believed: no second try.
    Script device;
    device.answers.assign(2, fault(400, "ter:NotAuthorized"));
    auto client = device.client(admin);
    client.clock().set(now + std::chrono::minutes(3));
    ck_assert(refusal(client) == ErrorKind::NotAuthorized);
}
END_TEST

/// A redirect to another port of the host gets no credentials before it asked for them itself.
START_TEST(credentialsStayAtTheirPort) {
    net::HttpResponse moved{302, "", {}, ""};
    moved.movedTo = "https://192.0.2.1/onvif/media";
    Script device;
    device.answers = {challenge(), fine(), moved, fine(), moved, challenge("", "other"), fine()};
    auto client = device.client(admin);
    std::string url = "http://192.0.2.1/onvif/media";
    client.call(url, operation);
    ck_assert(device.asked[1].sealed && !device.asked[0].sealed);
    client.call(url, operation);
    CHECK_STR(url, "https://192.0.2.1/onvif/media");
    ck_assert(!device.bare(2) && device.bare(3));
    url = "http://192.0.2.1/onvif/media";
    client.call(url, operation);
    ck_assert(!device.bare(4) && device.bare(5) && !device.bare(6));
    ck_assert(device.authorization(6).find("nonce=\"other\"") != std::string::npos);
}
END_TEST

/// Quirk E1: what a subscription's operation says in its headers.
START_TEST(addressingE1) {
    Script device;
    device.answers = {soap(200, "<PullMessagesResponse/>")};
    auto client = device.client({});
    const auto reference =
        net::XmlDocument::parse("<r xmlns:ax='urn:axis'><ax:Id Is='1'>a&amp;b</ax:Id></r>");
    Operation pull = {"http://www.onvif.org/ver10/events/wsdl", "PullMessages", ""};
    pull.soapAction = "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/"
                      "PullMessagesRequest";
    pull.addressing = Addressing{{reference.root().child("Id")->xml()}};
    pull.timeout = std::chrono::seconds(70);
    std::string url = "http://192.0.2.1/sub?Idx=0";
    client.call(url, pull);
    const auto sent = net::XmlDocument::parse(device.asked[0].body);
    const auto header = *sent.root().child("Header");
    CHECK_STR(header.textAt("Action"), pull.soapAction);
    CHECK_STR(header.textAt("To"), url);
    CHECK_STR(header.textAt("Id"), "a&b");
    ck_assert(header.textAt("MessageID").find("urn:uuid:") == 0);
    ck_assert(device.asked[0].body.find("xmlns:ax=\"urn:axis\"") != std::string::npos);
    ck_assert(device.asked[0].timeout == pull.timeout);
    ck_assert(device.asked[0].contentType.find(pull.soapAction) != std::string::npos);
}
END_TEST

START_TEST(withoutCredentialsNothingIsTried) {
    Script device{{challenge(), challenge()}};
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

/// Quirk A7: the user is known and may not do this, however often it is asked: no new login, other
/// operations go on, and so do others of this account. By a token every question is a login, and
/// the password might be another one since: the same is not asked again at once.
START_TEST(lackOfRightsA7) {
    for (const bool digest : {true, false}) {
        Script device;
        device.answers = {digest ? challenge() : fault(400, "ter:NotAuthorized"), fine()};
        auto client = device.client(admin);
        call(client);
        for (int i = 0; i < 5; i++)
            for (const char* move : {"ContinuousMove", "Stop", "GetStatus"}) {
                device.answers = {fault(400, "ter:NotAuthorized")};
                ck_assert(refusal(client, move) == ErrorKind::NotAuthorized);
            }
        device.answers = {fine()};
        call(client);
        ck_assert(!device.bare(device.asked.size() - 1));
        ck_assert_uint_eq(device.asked.size(), digest ? 18 : 6);
        ck_assert(!device.refusals.wait("http://192.0.2.1:80", admin));
    }
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
        Script device{{answer}};
        auto client = device.client({});
        ck_assert(refusal(client) == ErrorKind::BadData);
    }
    Script device{{fault(500, "ter:ActionNotSupported")}};
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
    Script device{{answer}};
    auto client = device.client({});
    call(client);
    ck_assert(client.serverDate() == std::chrono::system_clock::from_time_t(1000000000));
}
END_TEST

CHECK_MAIN("soapclient", bareFirst, digestA4, digestSha256A6, tokenA4, clockA1, lockOutA5,
           lockOutIsRememberedA5, passwordChangedA5, toldByAnotherA5, passwordChangedByTokenA5,
           refusalsEndA5, startedTogetherA5, wrongClockA3, credentialsStayAtTheirPort, addressingE1,
           withoutCredentialsNothingIsTried, staleNonce, lackOfRightsA7, actionH1,
           answersThatAreNoneH2, dateOfTheServer)
