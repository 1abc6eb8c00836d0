// What the virtual camera says, without sockets: SOAP answers, discovery messages, its command
// line.
#include "base/error.hpp"
#include "check.hpp"
#include "support/commandline.hpp"
#include "support/deviceservice.hpp"
#include "support/discoverymessage.hpp"
#include "support/mediaservice.hpp"

#include <algorithm>
#include <regex>

namespace {

void describe(camera::Device& made) {
    made.name = "Tor & Hof <1>";
    made.uuid = camera::stableUuid("x");
    made.rtspPort = 554;
    made.auth = camera::Auth::Both;
    camera::StreamProfile main;
    main.token = "main";
    main.name = "Main";
    main.width = 1280;
    main.height = 720;
    main.fps = 25;
    main.bitrate = 2000;
    main.audio = camera::Audio::Aac;
    camera::StreamProfile sub = main;
    sub.token = "sub";
    sub.width = 640;
    sub.height = 360;
    made.profiles = {main, sub};
}

struct Described : camera::Device {
    Described() { describe(*this); }
};

struct Camera {
    Described device;
    std::string keyFrameFor;
    camera::Service media =
        camera::mediaService(device, [this](const auto& t) { keyFrameFor = t; });
    camera::Service system = camera::deviceService(device, {media});
};

/// Calls an operation as a client at 192.0.2.1 would and returns the parsed body of the answer.
net::XmlDocument call(const camera::Service& service, const std::string& operation,
                      const std::string& arguments = {}) {
    const auto request = camera::SoapRequest::parse(camera::soapEnvelope(
        "<x:" + operation + " xmlns:x='urn:x'>" + arguments + "</x:" + operation + ">"));
    const auto found = service.operations.find(request.operation());
    ck_assert_msg(found != service.operations.end(), "%s", operation.c_str());
    const std::string body = found->second.handler(request.arguments(), {"192.0.2.1", 8000});
    auto answer = net::XmlDocument::parse(camera::soapEnvelope(body));
    const auto content = answer.root().child("Body")->children();
    ck_assert_uint_eq(content.size(), 1);
    CHECK_STR(content[0].name(), (operation + "Response"));
    return answer;
}

net::XmlDocument fault(const camera::Service& service, const std::string& operation,
                       const std::string& arguments, int status) {
    try {
        call(service, operation, arguments);
    } catch (const camera::SoapFault& thrown) {
        ck_assert_int_eq(thrown.status(), status);
        return net::XmlDocument::parse(thrown.envelope());
    }
    ck_abort_msg("%s gave no fault", operation.c_str());
}

std::string probeFor(const std::string& content, const std::string& action = "Probe") {
    return "<e:Envelope xmlns:e='urn:e'><e:Header><e:MessageID>urn:uuid:1</e:MessageID><e:Action>"
           "http://schemas.xmlsoap.org/ws/2005/04/discovery/" +
           action + "</e:Action></e:Header><e:Body><e:Probe>" + content +
           "</e:Probe></e:Body></e:Envelope>";
}

bool answers(const std::string& datagram) {
    return camera::matchingProbe(datagram, Described().scopes()).has_value();
}

bool refused(const std::vector<std::string>& arguments) {
    try {
        camera::readCommandLine(arguments);
    } catch (const base::Error& error) {
        return error.kind() == base::ErrorKind::Settings;
    }
    return false;
}

} // namespace

START_TEST(everyOperationAnswersXml) {
    const Camera camera;
    for (const camera::Service* service : {&camera.system, &camera.media}) {
        for (const auto& [name, operation] : service->operations) {
            std::string token = "main";
            if (name == "GetVideoEncoderConfiguration")
                token += "-video";
            call(*service, name,
                 "<x:ProfileToken>main</x:ProfileToken><x:ConfigurationToken>" + token +
                     "</x:ConfigurationToken>");
        }
    }
}
END_TEST

START_TEST(whoMayCall) {
    const Camera camera;
    for (const char* open :
         {"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetHostname",
          "GetServiceCapabilities", "GetWsdlUrl", "GetEndpointReference"})
        ck_assert(camera.system.operations.at(open).access == camera::Access::Everybody);
    for (const char* closed : {"GetDeviceInformation", "GetScopes", "GetNetworkInterfaces"})
        ck_assert(camera.system.operations.at(closed).access == camera::Access::Users);
    for (const auto& [name, operation] : camera.media.operations)
        ck_assert((operation.access == camera::Access::Everybody) ==
                  (name == "GetServiceCapabilities"));
}
END_TEST

START_TEST(servicesAreWhereTheCallerIs) {
    const Camera camera;
    const auto bare = call(camera.system, "GetServices");
    const auto services = bare.root().findAll("Service");
    ck_assert_uint_eq(services.size(), 2);
    CHECK_STR(services[1].textAt("XAddr"), "http://192.0.2.1:8000/onvif/media_service");
    ck_assert(!services[1].child("Capabilities"));
    const auto full =
        call(camera.system, "GetServices", "<x:IncludeCapability>true</x:IncludeCapability>");
    ck_assert(full.root().find("Security")->attribute("HttpDigest") == "true");
    const auto caps = call(camera.system, "GetCapabilities", "<x:Category>Media</x:Category>");
    CHECK_STR(caps.root().find("Media")->textAt("XAddr"),
              "http://192.0.2.1:8000/onvif/media_service");
    ck_assert(!caps.root().find("Device"));
    const auto none = fault(camera.system, "GetCapabilities", "<x:Category>PTZ</x:Category>", 500);
    CHECK_STR(none.root().textAt("Body/Fault/Code/Subcode/Subcode/Value"), "ter:NoSuchService");
}
END_TEST

START_TEST(profilesAndAddresses) {
    Camera camera;
    const auto answer = call(camera.media, "GetProfiles");
    const auto profiles = answer.root().findAll("Profiles");
    ck_assert_uint_eq(profiles.size(), 2);
    CHECK_STR(profiles[0].attribute("token"), "main");
    CHECK_STR(profiles[1].textAt("VideoEncoderConfiguration/Resolution/Width"), "640");
    CHECK_STR(profiles[1].textAt("AudioEncoderConfiguration/Encoding"), "AAC");
    const std::string sub = "<x:ProfileToken>sub</x:ProfileToken>";
    CHECK_STR(call(camera.media, "GetStreamUri", sub).root().find("Uri")->text(),
              "rtsp://192.0.2.1:554/sub");
    CHECK_STR(call(camera.media, "GetSnapshotUri", sub).root().find("Uri")->text(),
              "http://192.0.2.1:8000/snapshot/sub");
    call(camera.media, "SetSynchronizationPoint", sub);
    CHECK_STR(camera.keyFrameFor, "sub");
    const auto wrong =
        fault(camera.media, "GetStreamUri", "<x:ProfileToken>no</x:ProfileToken>", 400);
    CHECK_STR(wrong.root().textAt("Body/Fault/Code/Value"), "env:Sender");
    CHECK_STR(wrong.root().textAt("Body/Fault/Code/Subcode/Value"), "ter:InvalidArgVal");
    CHECK_STR(wrong.root().textAt("Body/Fault/Code/Subcode/Subcode/Value"), "ter:NoProfile");
}
END_TEST

START_TEST(clockIsUtc) {
    const Camera camera;
    const auto answer = call(camera.system, "GetSystemDateAndTime");
    const auto utc = answer.root().find("UTCDateTime");
    const std::time_t now = std::time(nullptr);
    std::tm said{};
    said.tm_year = std::stoi(utc->textAt("Date/Year")) - 1900;
    said.tm_mon = std::stoi(utc->textAt("Date/Month")) - 1;
    said.tm_mday = std::stoi(utc->textAt("Date/Day"));
    said.tm_hour = std::stoi(utc->textAt("Time/Hour"));
    said.tm_min = std::stoi(utc->textAt("Time/Minute"));
    said.tm_sec = std::stoi(utc->textAt("Time/Second"));
    ck_assert_int_le(std::abs(now - timegm(&said)), 60);
}
END_TEST

START_TEST(badRequestsAreFaults) {
    for (const char* text :
         {"", "hello", "<a/>", "<e:Envelope xmlns:e='e'/>", "<Envelope><Body/></Envelope>",
          "<Envelope><Body><A/><B/></Body></Envelope>",
          "<!DOCTYPE a [<!ENTITY b 'c'>]><Envelope><Body><A/></Body></Envelope>"}) {
        try {
            camera::SoapRequest::parse(text);
            ck_abort_msg("accepted: %s", text);
        } catch (const camera::SoapFault& thrown) {
            ck_assert_int_eq(thrown.status(), 400);
            const auto fault = net::XmlDocument::parse(thrown.envelope());
            CHECK_STR(fault.root().textAt("Body/Fault/Code/Subcode/Value"), "ter:WellFormed");
        }
    }
}
END_TEST

START_TEST(probesThatAreMeant) {
    ck_assert(answers(probeFor("")));
    ck_assert(answers(probeFor("<Types/>")));
    ck_assert(answers(probeFor("<Types>dn:NetworkVideoTransmitter</Types>")));
    ck_assert(answers(probeFor("<Types>\n tds:Device  x:NetworkVideoTransmitter </Types>")));
    ck_assert(answers(probeFor("<Scopes>onvif://www.onvif.org/Profile/Streaming</Scopes>")));
    ck_assert(answers(probeFor("<Scopes>onvif://www.onvif.org/Profile/</Scopes>")));
    ck_assert(!answers(probeFor("<Scopes>onvif://www.onvif.org/Prof</Scopes>")));
    ck_assert(!answers(probeFor("<Types>wprt:PrintDeviceType</Types>")));
    ck_assert(!answers(probeFor("<Types>dn:NetworkVideoTransmitter x:Printer</Types>")));
    ck_assert(!answers(probeFor("<Scopes>onvif://www.onvif.org/location/moon</Scopes>")));
    ck_assert(!answers(probeFor("", "ProbeMatches")));
    ck_assert(!answers(""));
    ck_assert(!answers("not XML"));
    ck_assert(!answers("<Envelope><Body><Probe/></Body></Envelope>"));
}
END_TEST

START_TEST(probeMatch) {
    const Described device;
    const camera::Announcement told{device.uuid, device.scopes(), "http://192.0.2.1:8000/x", 1};
    const auto answer =
        net::XmlDocument::parse(camera::probeMatches(camera::Probe{"urn:uuid:1"}, told));
    const auto root = answer.root();
    CHECK_STR(root.textAt("Header/RelatesTo"), "urn:uuid:1");
    const auto match = root.at("Body/ProbeMatches/ProbeMatch");
    CHECK_STR(match->textAt("XAddrs"), "http://192.0.2.1:8000/x");
    CHECK_STR(match->textAt("Types"), "dn:NetworkVideoTransmitter tds:Device");
    CHECK_STR(match->textAt("EndpointReference/Address"), ("urn:uuid:" + told.uuid));
    ck_assert(match->textAt("Scopes").find(
                  "onvif://www.onvif.org/name/Tor%20%26%20Hof%20%3C1%3E") != std::string::npos);
    ck_assert(net::XmlDocument::parse(camera::hello(told)).root().at("Body/Hello"));
    ck_assert(net::XmlDocument::parse(camera::bye(told)).root().at("Body/Bye"));
    ck_assert(!answers(camera::hello(told)));
}
END_TEST

START_TEST(identityIsStable) {
    CHECK_STR(camera::stableUuid("a"), camera::stableUuid("a"));
    ck_assert(camera::stableUuid("a") != camera::stableUuid("b"));
    const std::regex version5(
        "[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    ck_assert(std::regex_match(camera::stableUuid("a"), version5));
}
END_TEST

START_TEST(commandLine) {
    const auto line = camera::readCommandLine(
        {"clip.mp4", "--port=8000", "--auth", "both", "--user", "me", "--password", "-x-",
         "--width", "640", "--height", "480", "--interfaces", "lo,eth0", "--quiet"});
    CHECK_STR(line.settings.file, "clip.mp4");
    ck_assert_uint_eq(line.settings.port, 8000);
    ck_assert(line.settings.auth == camera::Auth::Both);
    CHECK_STR(line.settings.password, "-x-");
    ck_assert_uint_eq(line.settings.interfaces.size(), 2);
    const auto ill = camera::readCommandLine({"--ill", "slow=5", "--ill=html-errors", "--control"});
    ck_assert(ill.control && ill.settings.ills.at("slow") == "5");
    ck_assert_uint_eq(ill.settings.ills.size(), 2);
    for (const camera::IllKind& kind : camera::illKinds())
        ck_assert(camera::usage().find("  " + std::string(kind.name)) != std::string::npos);
    ck_assert(line.quiet && line.settings.sizeGiven && !line.settings.fpsGiven);
    ck_assert(camera::readCommandLine({}).settings.address == "127.0.0.1");
    ck_assert(camera::readCommandLine({"--help", "--auth", "digest"}).help);
    for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
             {"--nothing"},
             {"--port"},
             {"--port", "x"},
             {"--port", "65536"},
             {"--port", "-1"},
             {"--fps", "0"},
             {"--auth", "basic"},
             {"--auth", "digest"},
             {"a.mp4", "b.mp4"},
             {"--width", "641"},
             {"--width", "7000", "--height", "64"},
             {"--auth", "digest", "--password", "x", "--user", "a:b"},
             {"--ill", "hiccups"},
             {"--ill", "slow"},
             {"--ill", "slow=soon"},
             {"--ill", "html-errors=1"}})
        ck_assert_msg(refused(wrong), "%s", wrong[0].c_str());
}
END_TEST

CHECK_MAIN("cameraservices", everyOperationAnswersXml, whoMayCall, servicesAreWhereTheCallerIs,
           profilesAndAddresses, clockIsUtc, badRequestsAreFaults, probesThatAreMeant, probeMatch,
           identityIsStable, commandLine)
