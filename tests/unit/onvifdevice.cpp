// What devices do wrong on the way from their address to their services, each by its code in the
// notes.
#include "odddevice.hpp"

using namespace odd;

START_TEST(rightOne) {
    Odd device = right();
    const Stream stream = device.walk();
    CHECK_STR(stream.uri, "rtsp://cam:554/live");
    CHECK_STR(stream.device.model, "M");
    // From the address to the stream in four exchanges, and one for the name.
    ck_assert_uint_eq(device.asked.size(), 5);
}
END_TEST

/// The clock is asked for bare only: some fail it because a token was attached, and where it wants
/// one, the token would need the clock.
START_TEST(clockA2) {
    Odd device = right();
    std::string tokens;
    device.answers["GetSystemDateAndTime"] = [&](const net::HttpRequest& r) {
        tokens += r.body.find("UsernameToken") == std::string::npos ? "bare " : "token ";
        return Odd::fault("ter:NotAuthorized", 400);
    };
    device.answers["GetProfiles"] = [](const net::HttpRequest& r) {
        if (r.body.find("UsernameToken") == std::string::npos)
            return Odd::fault("ter:NotAuthorized", 400);
        return Odd::body("<GetProfilesResponse>" + profile("p1", "H264") +
                         "</GetProfilesResponse>");
    };
    CHECK_STR(device.walk({"admin", "x"}).uri, "rtsp://cam:554/live");
    CHECK_STR(tokens, "bare ");
}
END_TEST

/// A device without a clock to tell: the Date of its web server does.
START_TEST(dateInsteadOfClockA3) {
    Odd device = right();
    device.answers["GetSystemDateAndTime"] = [](const net::HttpRequest&) {
        auto answer = Odd::body("<GetSystemDateAndTimeResponse><SystemDateAndTime/>"
                                "</GetSystemDateAndTimeResponse>");
        answer.headers = {{"Date", "Sun, 09 Sep 2001 01:46:40 GMT"}};
        return answer;
    };
    SoapClient soap = device.client();
    Device asked(soap, *net::Url::parse("http://cam/onvif/device_service"));
    asked.open();
    CHECK_STR(utcText(soap.clock().now()).substr(0, 15), "2001-09-09T01:4");
}
END_TEST

/// An unknown operation may be a page, nothing at all or a closed connection.
START_TEST(unknownOperationH2) {
    const Odd::Answer ways[] = {
        [](const net::HttpRequest&) { return Odd::fault("ter:ActionNotSupported", 400); },
        [](const net::HttpRequest&) {
            return net::HttpResponse{404, "", {}, "<html><body>Not found</body></html>"};
        },
        [](const net::HttpRequest&) {
            return net::HttpResponse{400, "", {}, ""};
        },
        [](const net::HttpRequest&) -> net::HttpResponse {
            throw base::Error(ErrorKind::Unreachable, "closed");
        }};
    for (const auto& way : ways) {
        Odd device = right();
        device.answers["GetServices"] = way;
        device.answers["GetCapabilities"] = Odd::always(
            "<GetCapabilitiesResponse><Capabilities><Media><XAddr>http://cam/onvif/media"
            "</XAddr></Media></Capabilities></GetCapabilitiesResponse>");
        CHECK_STR(device.walk().uri, "rtsp://cam:554/live");
    }
}
END_TEST

/// Each service is asked at its own address.
START_TEST(servicesHaveAddressesM2) {
    Odd device = right();
    device.walk();
    ck_assert_int_eq(device.count("GetProfiles http://cam/onvif/media"), 0);
    bool seen = false;
    for (const std::string& line : device.asked)
        seen |= line == "GetProfiles http://cam/onvif/media";
    ck_assert(seen);
}
END_TEST

/// Behind NAT the answers carry an address of the other side; the forwarded port is kept.
START_TEST(innerAddressesM3) {
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://192.168.1.9:80"));
    device.answers["GetStreamUri"] = Odd::always(uri("rtsp://192.168.1.9:8554/live"));
    CHECK_STR(device.walk({}, "http://198.51.100.7:18080/onvif/device_service").uri,
              "rtsp://198.51.100.7:8554/live");
    for (const std::string& line : device.asked)
        ck_assert_msg(line.find("http://198.51.100.7:18080/") != std::string::npos, "%s",
                      line.c_str());
}
END_TEST

/// Reached over https, nothing is asked over http, whatever the answers say.
START_TEST(neverDownToHttp) {
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://10.0.0.1"));
    device.walk({}, "https://cam/onvif/device_service");
    for (const std::string& line : device.asked)
        ck_assert_msg(line.find(" https://cam/") != std::string::npos, "%s", line.c_str());
}
END_TEST

/// A clock that is told to users only is read once we are let in anyway.
START_TEST(clockForUsersA2) {
    Odd device = right();
    const auto refusing = [](const net::HttpRequest& r) {
        return r.body.find("UsernameToken") == std::string::npos;
    };
    const auto answer = device.answers["GetServices"];
    device.answers["GetServices"] = [=](const net::HttpRequest& r) {
        return refusing(r) ? Odd::fault("ter:NotAuthorized", 400) : answer(r);
    };
    device.answers["GetSystemDateAndTime"] = [=](const net::HttpRequest& r) {
        return refusing(r)
                   ? Odd::fault("ter:NotAuthorized", 400)
                   : Odd::body("<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime>"
                               "<Time><Hour>1</Hour><Minute>2</Minute><Second>3</Second></Time>"
                               "<Date><Year>2001</Year><Month>9</Month><Day>9</Day></Date>"
                               "</UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>");
    };
    SoapClient soap = device.client({"admin", "x"});
    Device asked(soap, *net::Url::parse("http://cam/onvif/device_service"));
    asked.open();
    CHECK_STR(utcText(soap.clock().now()).substr(0, 15), "2001-09-09T01:0");
}
END_TEST

/// Another thread's connection starts where the first one stands.
START_TEST(whereaboutsAreEnough) {
    Odd device = right();
    const Stream stream = device.walk();
    device.asked.clear();
    SoapClient soap = device.client();
    Device second(soap, *stream.whereabouts);
    CHECK_STR(second.profiles().front().token, "p1");
    ck_assert_uint_eq(device.asked.size(), 1);
    CHECK_STR(utcText(soap.clock().now()).substr(0, 14), "2001-04-05T01:");
}
END_TEST

/// An address for one call alone (a subscription) is gone to on the host that was reached.
START_TEST(callsElsewhereStayOnTheHost) {
    Odd device = right();
    device.answers["Renew"] = Odd::always("<RenewResponse/>");
    SoapClient soap = device.client();
    Device asked(soap, *net::Url::parse("http://cam/onvif/device_service"));
    asked.open();
    asked.callAt("http://192.0.2.66:8899/sub?Idx=0", {"urn:x", "Renew", ""});
    CHECK_STR(device.asked.back(), "Renew http://cam:8899/sub?Idx=0");
    try {
        asked.callAt("gopher://x/", {"urn:x", "Renew", ""});
        ck_abort_msg("that is no web address");
    } catch (const base::Error& error) {
        ck_assert(error.kind() == ErrorKind::BadData);
    }
}
END_TEST

CHECK_MAIN("onvifdevice", rightOne, clockA2, dateInsteadOfClockA3, unknownOperationH2,
           servicesHaveAddressesM2, innerAddressesM3, neverDownToHttp, clockForUsersA2,
           whereaboutsAreEnough, callsElsewhereStayOnTheHost)
