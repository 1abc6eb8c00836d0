#include "soapscript.hpp"

using namespace script;

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

CHECK_MAIN("soapclient", bareFirst, digestA4, digestSha256A6, tokenA4, clockA1, wrongClockA3,
           credentialsStayAtTheirPort, addressingE1, withoutCredentialsNothingIsTried, staleNonce,
           actionH1, answersThatAreNoneH2, dateOfTheServer)
