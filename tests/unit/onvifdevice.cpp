// What devices do wrong on the way from their address to a stream, each by its code in the notes.
#include "base/error.hpp"
#include "stream.hpp"

#include "check.hpp"

#include <functional>
#include <map>
#include <memory>

using namespace onvif;
using base::ErrorKind;

/// A device made of one answer per operation, which may look at the request.
struct Odd {
    using Answer = std::function<net::HttpResponse(const net::HttpRequest&)>;
    std::map<std::string, Answer> answers{};
    std::vector<std::string> asked{}; ///< "POST http://cam/x GetProfiles"
    std::shared_ptr<Refusals> refusals = std::make_shared<Refusals>();

    static std::string operationOf(const net::HttpRequest& request) {
        const auto document = net::XmlDocument::parse(request.body);
        return document.root().child("Body")->children().front().name();
    }
    net::HttpResponse operator()(const net::HttpRequest& request) {
        const std::string operation = operationOf(request);
        const bool two = request.body.find("ver20/media") != std::string::npos;
        asked.push_back(operation + (two ? "2 " : " ") + request.url);
        ck_assert_uint_lt(asked.size(), 40);
        const auto known = answers.find(operation + (two ? "2" : ""));
        return known == answers.end() ? fault("ter:ActionNotSupported") : known->second(request);
    }
    SoapClient client(const net::Credentials& credentials = {}) {
        return SoapClient([this](const net::HttpRequest& r) { return (*this)(r); }, credentials, {},
                          *refusals);
    }
    Stream walk(const net::Credentials& credentials = {},
                const char* address = "http://cam/onvif/device_service",
                const SourceSettings& settings = {}) {
        SoapClient soap = client(credentials);
        Device device(soap, *net::Url::parse(address));
        return askDevice(device, soap, settings);
    }
    int count(const std::string& operation) const {
        int n = 0;
        for (const std::string& line : asked)
            n += line.compare(0, operation.size() + 1, operation + " ") == 0;
        return n;
    }

    static net::HttpResponse body(const std::string& xml, int status = 200) {
        return {status, "", {}, "<E><Body>" + xml + "</Body></E>"};
    }
    static net::HttpResponse fault(const char* code, int status = 500) {
        return body("<Fault><Code><Value>s:Sender</Value><Subcode><Value>" + std::string(code) +
                        "</Value></Subcode></Code></Fault>",
                    status);
    }
    static Answer always(const std::string& xml) {
        return [xml](const net::HttpRequest&) { return body(xml); };
    }
};

static std::string services(const std::string& base, bool two = false, bool one = true) {
    const auto service = [&](const char* space, const char* path) {
        return "<Service><Namespace>" + std::string(space) + "</Namespace><XAddr>" + base + path +
               "</XAddr></Service>";
    };
    return "<GetServicesResponse>" + service(wsdl::device, "/onvif/device_service") +
           (one ? service(wsdl::media, "/onvif/media") : "") +
           (two ? service(wsdl::media2, "/onvif/media2") : "") + "</GetServicesResponse>";
}
static std::string profile(const char* token, const char* encoding) {
    return std::string("<Profiles token='") + token + "'><Name>" + token +
           "</Name><VideoEncoderConfiguration><Encoding>" + encoding +
           "</Encoding></VideoEncoderConfiguration></Profiles>";
}
static std::string uri(const std::string& text) {
    return "<GetStreamUriResponse><MediaUri><Uri>" + text +
           "</Uri></MediaUri></GetStreamUriResponse>";
}

/// One that does nothing wrong yet.
static Odd right() {
    Odd device;
    device.answers = {
        {"GetSystemDateAndTime",
         Odd::always("<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime><Time><Hour>1"
                     "</Hour><Minute>2</Minute><Second>3</Second></Time><Date><Year>2001</Year>"
                     "<Month>4</Month><Day>5</Day></Date></UTCDateTime></SystemDateAndTime>"
                     "</GetSystemDateAndTimeResponse>")},
        {"GetServices", Odd::always(services("http://cam"))},
        {"GetDeviceInformation",
         Odd::always(
             "<GetDeviceInformationResponse><Model>M</Model></GetDeviceInformationResponse>")},
        {"GetProfiles",
         Odd::always("<GetProfilesResponse>" + profile("p1", "H264") + "</GetProfilesResponse>")},
        {"GetStreamUri", Odd::always(uri("rtsp://cam:554/live"))}};
    return device;
}

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

/// Media2 comes first and is asked for all of a profile.
START_TEST(mediaTwoM4) {
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://cam", true));
    std::string request;
    device.answers["GetProfiles2"] = [&](const net::HttpRequest& r) {
        request = r.body;
        return Odd::body(
            "<GetProfilesResponse><Profiles token='h265'><Name>n</Name><Configurations>"
            "<VideoEncoder><Encoding>H265</Encoding></VideoEncoder></Configurations>"
            "</Profiles></GetProfilesResponse>");
    };
    device.answers["GetStreamUri2"] = [&](const net::HttpRequest& r) {
        request += r.body;
        return Odd::body("<GetStreamUriResponse><Uri>rtsp://cam/two</Uri></GetStreamUriResponse>");
    };
    const Stream stream = device.walk();
    CHECK_STR(stream.uri, "rtsp://cam/two");
    CHECK_STR(stream.profile.encoding, "H265");
    ck_assert(request.find("<Type>All</Type>") != std::string::npos);
    ck_assert(request.find("<Protocol>RTSP</Protocol>") != std::string::npos);
    ck_assert_int_eq(device.count("GetProfiles"), 0);
}
END_TEST

/// Media2 that tells no configurations, or faults: Media1 is asked. Media2 that only lists: Media1
/// is asked for the address by the same token.
START_TEST(mediaTwoInNameOnlyM4) {
    for (const char* answer : {"<GetProfilesResponse><Profiles token='p1'/></GetProfilesResponse>",
                               "<GetProfilesResponse/>", ""}) {
        Odd device = right();
        device.answers["GetServices"] = Odd::always(services("http://cam", true));
        if (*answer)
            device.answers["GetProfiles2"] = Odd::always(answer);
        const Stream stream = device.walk();
        CHECK_STR(stream.profile.encoding, "H264");
        ck_assert(!stream.profile.media2);
    }
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://cam", true));
    device.answers["GetProfiles2"] =
        Odd::always("<GetProfilesResponse><Profiles token='p1'><Configurations><VideoEncoder>"
                    "<Encoding>H264</Encoding></VideoEncoder></Configurations></Profiles>"
                    "</GetProfilesResponse>");
    CHECK_STR(device.walk().uri, "rtsp://cam:554/live");
    ck_assert_int_eq(device.count("GetStreamUri2"), 1);
    ck_assert_int_eq(device.count("GetStreamUri"), 1);
}
END_TEST

/// A list of Media2 without encoders is better than Media1's fault.
START_TEST(listOfMediaTwoM4) {
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://cam", true));
    device.answers["GetProfiles2"] = Odd::always(
        "<GetProfilesResponse><Profiles token='t'><Name>n</Name></Profiles></GetProfilesResponse>");
    device.answers.erase("GetProfiles");
    device.answers["GetStreamUri2"] =
        Odd::always("<GetStreamUriResponse><Uri>rtsp://cam/two</Uri></GetStreamUriResponse>");
    CHECK_STR(device.walk().uri, "rtsp://cam/two");
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

/// A device with Media2 alone.
START_TEST(onlyMediaTwoM4) {
    Odd device = right();
    device.answers["GetServices"] = Odd::always(services("http://cam", true, false));
    device.answers["GetProfiles2"] = Odd::always(
        "<GetProfilesResponse><Profiles token='t'><Name>n</Name></Profiles></GetProfilesResponse>");
    device.answers["GetStreamUri2"] =
        Odd::always("<GetStreamUriResponse><Uri>rtsp://cam/two</Uri></GetStreamUriResponse>");
    CHECK_STR(device.walk().uri, "rtsp://cam/two");
}
END_TEST

/// A profile is worth what GetStreamUri says.
START_TEST(profilesOnPaperM5) {
    Odd device = right();
    device.answers["GetProfiles"] = Odd::always("<GetProfilesResponse>" + profile("paper", "H264") +
                                                "<Profiles token='empty'/>" +
                                                profile("real", "H264") + "</GetProfilesResponse>");
    device.answers["GetStreamUri"] = [](const net::HttpRequest& r) {
        return r.body.find(">real<") != std::string::npos
                   ? Odd::body(uri("rtsp://cam/real"))
                   : Odd::fault("ter:IncompleteConfiguration");
    };
    const Stream stream = device.walk();
    CHECK_STR(stream.uri, "rtsp://cam/real");
    CHECK_STR(stream.profile.token, "real");
}
END_TEST

START_TEST(oddStreamAddressesM6) {
    const char* rows[][2] = {{"rtsp://10.0.0.5:554/", "rtsp://cam:554/"},
                             {"rtsp://10.0.0.5/a?transportmode=mcast&amp;profile=P",
                              "rtsp://cam/a?transportmode=mcast&profile=P"},
                             {"rtsp://127.0.1.1:8554/x y", "rtsp://cam:8554/x%20y"},
                             {"rtsp://u:p@0.0.0.0/user=a_password=b_channel=1.sdp",
                              "rtsp://cam/user=a_password=b_channel=1.sdp"},
                             {"\n rtsp://[fe80::1]:554/v6 ", "rtsp://cam:554/v6"}};
    for (const auto& row : rows) {
        Odd device = right();
        device.answers["GetStreamUri"] = Odd::always(uri(row[0]));
        CHECK_STR(device.walk().uri, row[1]);
    }
    for (const char* none : {"", "file:///etc/passwd", "rtsp://", "live", "rtsp://h:99999/"}) {
        Odd device = right();
        device.answers["GetStreamUri"] = Odd::always(uri(none));
        try {
            device.walk();
            ck_abort_msg("'%s' is no stream address", none);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == ErrorKind::NotFound);
        }
    }
}
END_TEST

/// A snapshot lies on another port, and keeps its query.
START_TEST(snapshotM7) {
    Odd device = right();
    device.answers["GetSnapshotUri"] = Odd::always("<GetSnapshotUriResponse><MediaUri><Uri>http://"
                                                   "u:p@10.0.0.5:8081/snap?chn=0&amp;u=admin</Uri>"
                                                   "</MediaUri></GetSnapshotUriResponse>");
    SoapClient soap = device.client();
    Device asked(soap, *net::Url::parse("http://cam/onvif/device_service"));
    asked.open();
    CHECK_STR(asked.addresses().service(asked.snapshotUri(asked.profiles().front())),
              "http://cam:8081/snap?chn=0&u=admin");
}
END_TEST

/// Children in the wrong namespace, prefixes that nobody declared, values at another depth.
START_TEST(namespacesX1X2) {
    Odd device = right();
    device.answers["GetServices"] = [](const net::HttpRequest&) {
        return net::HttpResponse{
            200,
            "",
            {},
            "<S:Envelope><S:Body><tds:GetServicesResponse><tt:Service><bogus:Namespace>" +
                std::string(wsdl::media) +
                "</bogus:Namespace><XAddr>http://cam/onvif/media</XAddr></tt:Service>"
                "</tds:GetServicesResponse></S:Body></S:Envelope>"};
    };
    device.answers["GetProfiles"] =
        Odd::always("<trt:GetProfilesResponse xmlns:trt='urn:x'><trt:Profiles token='a'><tds:Name>n"
                    "</tds:Name></trt:Profiles></trt:GetProfilesResponse>");
    device.answers["GetStreamUri"] =
        Odd::always("<GetStreamUriResponse><Uri>rtsp://cam/x</Uri></GetStreamUriResponse>");
    CHECK_STR(device.walk().uri, "rtsp://cam/x");
}
END_TEST

/// Stray bytes and an encoding that lies.
START_TEST(notWellFormedX3) {
    Odd device = right();
    device.answers["GetStreamUri"] = [](const net::HttpRequest&) {
        return net::HttpResponse{200,
                                 "",
                                 {},
                                 "\n<?xml version=\"1.0\" encoding=\"utf-16\"?><E><Body>" +
                                     uri("rtsp://cam/x") + "\xff\xfe</Body></E>\x01\x02"};
    };
    CHECK_STR(device.walk().uri, "rtsp://cam/x");
}
END_TEST

/// A document type, a bomb, or no end of depth is an error, and soon.
START_TEST(hostileXml) {
    std::string deep;
    for (int i = 0; i < 5000; i++)
        deep += "<a>";
    for (const std::string& text :
         {std::string("<!DOCTYPE E [<!ENTITY a 'aaaa'>]><E><Body>&a;</Body></E>"), deep,
          "<E>" + std::string(2000000, 'x') + "</E>"}) {
        Odd device = right();
        device.answers["GetProfiles"] = [&](const net::HttpRequest&) {
            return net::HttpResponse{200, "", {}, text};
        };
        try {
            device.walk();
            ck_abort_msg("that was taken");
        } catch (const base::Error& error) {
            ck_assert(error.kind() == ErrorKind::BadData);
            ck_assert(std::string(error.what()).find("GetProfiles") != std::string::npos);
        }
    }
}
END_TEST

/// Profiles with all that analytics hangs on them.
START_TEST(largeAnswersX4) {
    Odd device = right();
    std::string many;
    for (int i = 0; i < 60; i++)
        many += profile(("p" + std::to_string(i)).c_str(), "H264") + "<Analytics>" +
                std::string(8000, 'a') + "</Analytics>";
    device.answers["GetProfiles"] =
        Odd::always("<GetProfilesResponse>" + many + "</GetProfilesResponse>");
    ck_assert_uint_eq(device.walk().profiles.size(), 60);
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
           servicesHaveAddressesM2, innerAddressesM3, neverDownToHttp, mediaTwoM4,
           mediaTwoInNameOnlyM4, onlyMediaTwoM4, listOfMediaTwoM4, clockForUsersA2,
           profilesOnPaperM5, oddStreamAddressesM6, snapshotM7, namespacesX1X2, notWellFormedX3,
           hostileXml, largeAnswersX4, whereaboutsAreEnough, callsElsewhereStayOnTheHost)
