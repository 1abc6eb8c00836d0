// Answers that are odd, broken or hostile, each by its code in the notes.
#include "odddevice.hpp"

using namespace odd;

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

CHECK_MAIN("onvifanswers", namespacesX1X2, notWellFormedX3, hostileXml, largeAnswersX4)
