// What the virtual camera says, without sockets: SOAP answers, discovery messages, its command
// line.
#include "camera.hpp"
#include "support/commandline.hpp"
#include "support/discoverymessage.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace {

std::string probeFor(const std::string& content, const std::string& action = "Probe") {
    return "<e:Envelope xmlns:e='urn:e'><e:Header><e:MessageID>urn:uuid:1</e:MessageID><e:Action>"
           "http://schemas.xmlsoap.org/ws/2005/04/discovery/" +
           action + "</e:Action></e:Header><e:Body><e:Probe>" + content +
           "</e:Probe></e:Body></e:Envelope>";
}

/// What the camera says the time is.
std::time_t utcOf(Camera& camera) {
    const auto answer = camera.call("device_service", "GetSystemDateAndTime");
    const auto utc = answer.root().find("UTCDateTime");
    std::tm said{};
    said.tm_year = std::stoi(utc->textAt("Date/Year")) - 1900;
    said.tm_mon = std::stoi(utc->textAt("Date/Month")) - 1;
    said.tm_mday = std::stoi(utc->textAt("Date/Day"));
    said.tm_hour = std::stoi(utc->textAt("Time/Hour"));
    said.tm_min = std::stoi(utc->textAt("Time/Minute"));
    said.tm_sec = std::stoi(utc->textAt("Time/Second"));
    return timegm(&said);
}

bool answers(const std::string& datagram) {
    return camera::matchingProbe(datagram, Camera().device.scopes()).has_value();
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

START_TEST(whoMayCall) {
    const Camera camera;
    const std::set<std::string> open{
        "GetSystemDateAndTime",   "GetServices", "GetCapabilities",     "GetHostname",
        "GetServiceCapabilities", "GetWsdlUrl",  "GetEndpointReference"};
    ck_assert_uint_eq(camera.byPath.size(), 11);
    for (const auto& [path, service] : camera.byPath)
        for (const auto& [name, operation] : service.operations)
            ck_assert_msg((operation.access == camera::Access::Everybody) == open.count(name),
                          "%s %s", path.c_str(), name.c_str());
}
END_TEST

START_TEST(servicesAreWhereTheCallerIs) {
    Camera camera;
    const auto bare = camera.call("device_service", "GetServices");
    const auto services = bare.root().findAll("Service");
    ck_assert_uint_eq(services.size(), 10);
    CHECK_STR(services[1].textAt("XAddr"), "http://192.0.2.1:8000/onvif/media_service");
    ck_assert(!services[1].child("Capabilities"));
    for (const auto& service : services) {
        const std::string path = service.textAt("XAddr").substr(28);
        const auto told = camera.call(path, "GetServiceCapabilities");
        ck_assert(told.root().find("Capabilities"));
    }
    const auto full = camera.call("device_service", "GetServices",
                                  "<x:IncludeCapability>true</x:IncludeCapability>");
    ck_assert(full.root().find("Security")->attribute("HttpDigest") == "true");
}
END_TEST

START_TEST(capabilitiesAsTheyUsedToBe) {
    Camera camera;
    const auto all = camera.call("device_service", "GetCapabilities");
    const std::string root = "Body/GetCapabilitiesResponse/Capabilities";
    std::vector<std::string> names;
    for (const auto& part : all.root().at(root)->children())
        names.push_back(part.name());
    const std::vector<std::string> expected{"Device", "Events", "Imaging",
                                            "Media",  "PTZ",    "Extension"};
    ck_assert(names == expected); // in the order of the schema
    for (const char* part : {"Device", "Events", "Imaging", "Media", "PTZ", "Extension/DeviceIO",
                             "Extension/Recording", "Extension/Search", "Extension/Replay"}) {
        const std::string address = all.root().textAt(root + "/" + part + "/XAddr");
        ck_assert_msg(address.find("http://192.0.2.1:8000/onvif/") == 0, "%s", part);
    }
    const auto media =
        camera.call("device_service", "GetCapabilities", "<x:Category>Media</x:Category>");
    CHECK_STR(media.root().textAt(root + "/Media/XAddr"),
              "http://192.0.2.1:8000/onvif/media_service");
    ck_assert(!media.root().find("Device"));
    CHECK_STR(camera.fault("device_service", "GetCapabilities",
                           "<x:Category>Analytics</x:Category>", {}, 500),
              "ter:NoSuchService");
}
END_TEST

START_TEST(profilesAndAddresses) {
    Camera camera;
    const auto answer = camera.call("media_service", "GetProfiles");
    const auto profiles = answer.root().findAll("Profiles");
    ck_assert_uint_eq(profiles.size(), 2);
    CHECK_STR(profiles[0].attribute("token"), "main");
    CHECK_STR(profiles[1].textAt("VideoEncoderConfiguration/Resolution/Width"), "640");
    CHECK_STR(profiles[1].textAt("AudioEncoderConfiguration/Encoding"), "AAC");
    CHECK_STR(profiles[1].textAt("PTZConfiguration/NodeToken"), "ptz0");
    const std::string sub = "<x:ProfileToken>sub</x:ProfileToken>";
    CHECK_STR(camera.call("media_service", "GetStreamUri", sub).root().find("Uri")->text(),
              "rtsp://192.0.2.1:554/sub");
    CHECK_STR(camera.call("media_service", "GetSnapshotUri", sub).root().find("Uri")->text(),
              "http://192.0.2.1:8000/snapshot/sub");
    camera.call("media_service", "SetSynchronizationPoint", sub);
    CHECK_STR(camera.keyFrameFor, "sub");
    const std::string no = "<x:ProfileToken>no</x:ProfileToken>";
    CHECK_STR(camera.fault("media_service", "GetStreamUri", no), "ter:NoProfile");
    for (const char* name :
         {"GetVideoSources", "GetAudioSources", "GetVideoSourceConfigurations",
          "GetVideoEncoderConfigurations", "GetAudioSourceConfigurations",
          "GetAudioEncoderConfigurations", "GetVideoEncoderConfigurationOptions"})
        camera.call("media_service", name);
    camera.call("media_service", "GetProfile", sub);
    camera.call("media_service", "GetVideoEncoderConfiguration",
                "<x:ConfigurationToken>sub-video</x:ConfigurationToken>");
}
END_TEST

/// The ills of the older media service and of addresses.
START_TEST(mediaIlls) {
    Camera camera;
    const std::string main = "<x:ProfileToken>main</x:ProfileToken>";
    const auto uri = [&] {
        return camera.call("media_service", "GetStreamUri", main).root().find("Uri")->text();
    };
    camera.device.ills.set("no-path-uri");
    CHECK_STR(uri(), "rtsp://192.0.2.1:554/");
    camera.device.ills.clear("no-path-uri");
    camera.device.ills.set("uri-user");
    CHECK_STR(uri(), "rtsp://viewer:of-no-use@192.0.2.1:554/main");
    camera.device.ills.set("h265-in-media1");
    const auto h265 = camera.call("media_service", "GetProfiles");
    CHECK_STR(h265.root().find("VideoEncoderConfiguration")->textAt("Encoding"), "H265");
    camera.device.ills.set("no-encoder-profiles");
    const auto answer = camera.call("media_service", "GetProfiles");
    const auto profiles = answer.root().findAll("Profiles");
    ck_assert_uint_eq(profiles.size(), 4);
    for (const std::size_t bare : {0, 3}) {
        ck_assert(!profiles[bare].child("VideoEncoderConfiguration"));
        CHECK_STR(camera.fault("media_service", "GetStreamUri",
                               "<x:ProfileToken>" + profiles[bare].attribute("token") +
                                   "</x:ProfileToken>",
                               {}, 500),
                  "ter:IncompleteConfiguration");
    }
    ck_assert(profiles[1].child("VideoEncoderConfiguration"));
}
END_TEST

/// A profile of H.265 has no encoder in Media1, which does not know it.
START_TEST(h265) {
    Camera camera;
    camera.device.profiles[0].encoding = "H265";
    const auto one = camera.call("media_service", "GetProfiles");
    ck_assert(!one.root().findAll("Profiles")[0].child("VideoEncoderConfiguration"));
    const auto two = camera.call("media2_service", "GetProfiles", "<x:Type>All</x:Type>");
    CHECK_STR(two.root().find("VideoEncoder")->textAt("Encoding"), "H265");
}
END_TEST

START_TEST(servicesThatAreMissing) {
    Camera camera;
    const auto listed = [&](const std::string& space) {
        const auto answer = camera.call("device_service", "GetServices");
        for (const auto& service : answer.root().findAll("Service"))
            if (service.textAt("Namespace") == "http://www.onvif.org/" + space + "/media/wsdl")
                return true;
        return false;
    };
    ck_assert(listed("ver10") && listed("ver20"));
    camera.device.ills.set("media2-only");
    ck_assert(!listed("ver10") && listed("ver20"));
    ck_assert(!camera.call("device_service", "GetCapabilities").root().find("Media"));
    camera.device.ills.clear("media2-only");
    camera.device.ills.set("no-media2");
    ck_assert(listed("ver10") && !listed("ver20"));
    camera.device.ills.set("no-get-services");
    CHECK_STR(camera.fault("device_service", "GetServices", {}, {}, 500), "ter:ActionNotSupported");
}
END_TEST

/// Names, and what is refused as the specification says.
START_TEST(device) {
    Camera camera;
    const auto told = camera.call("device_service", "GetDeviceInformation");
    CHECK_STR(told.root().find("Model")->text(), "Virtual camera");
    const auto scopes = camera.call("device_service", "GetScopes");
    ck_assert_uint_eq(scopes.root().findAll("Scopes").size(), camera.device.scopes().size());
    const auto networks = camera.call("device_service", "GetNetworkInterfaces");
    CHECK_STR(networks.root().find("Manual")->textAt("Address"), "192.0.2.1");
    for (const char* name :
         {"GetHostname", "GetWsdlUrl", "GetEndpointReference", "GetDiscoveryMode",
          "GetRelayOutputs", "GetDNS", "GetNTP", "GetNetworkDefaultGateway", "GetNetworkProtocols"})
        camera.call("device_service", name);
    for (const char* name : {"GetUsers", "CreateUsers", "DeleteUsers", "SetUser"})
        CHECK_STR(camera.fault("device_service", name, {}, {}, 500), "ter:ActionNotSupported");
    camera.call("device_service", "SystemReboot");
    ck_assert_int_eq(camera.reboots, 1);
}
END_TEST

START_TEST(clockIsUtc) {
    Camera camera;
    ck_assert_int_le(std::abs(std::time(nullptr) - utcOf(camera)), 60);
    camera.device.ills.set("clock-skew", "-86400");
    ck_assert_int_le(std::abs(std::time(nullptr) - 86400 - utcOf(camera)), 60);
    camera.device.ills.clear("clock-skew");
    camera.device.ills.set("clock-local");
    ck_assert_int_le(std::abs(std::time(nullptr) + 7200 - utcOf(camera)), 60);
    const auto local = camera.call("device_service", "GetSystemDateAndTime");
    CHECK_STR(local.root().find("TZ")->text(), "<+02>-02:00");
    camera.device.ills.set("no-utc-time");
    const auto answer = camera.call("device_service", "GetSystemDateAndTime");
    ck_assert(!answer.root().find("UTCDateTime") && answer.root().find("LocalDateTime"));
}
END_TEST

START_TEST(clockIsSet) {
    Camera camera;
    const std::string time =
        "<x:UTCDateTime><x:Time><x:Hour>1</x:Hour><x:Minute>2</x:Minute><x:Second>3</x:Second>"
        "</x:Time><x:Date><x:Year>2030</x:Year><x:Month>4</x:Month><x:Day>5</x:Day></x:Date>"
        "</x:UTCDateTime>";
    const std::string manual = "<x:DateTimeType>Manual</x:DateTimeType>";
    camera.call("device_service", "SetSystemDateAndTime", manual + time);
    std::tm wanted{};
    wanted.tm_year = 130;
    wanted.tm_mon = 3;
    wanted.tm_mday = 5;
    wanted.tm_hour = 1;
    ck_assert_int_le(std::abs(timegm(&wanted) + 123 - utcOf(camera)), 60);
    for (const std::string& wrong : {manual, std::string(), manual + "<x:UTCDateTime/>"})
        CHECK_STR(camera.fault("device_service", "SetSystemDateAndTime", wrong),
                  "ter:InvalidDateTime");
    camera.call("device_service", "SetSystemDateAndTime", "<x:DateTimeType>NTP</x:DateTimeType>");
    ck_assert_int_le(std::abs(std::time(nullptr) - utcOf(camera)), 60);
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
    const Camera camera;
    const camera::Device& device = camera.device;
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

CHECK_MAIN("cameraservices", whoMayCall, servicesAreWhereTheCallerIs, capabilitiesAsTheyUsedToBe,
           profilesAndAddresses, mediaIlls, h265, servicesThatAreMissing, device, clockIsUtc,
           clockIsSet, badRequestsAreFaults, probesThatAreMeant, probeMatch, identityIsStable,
           commandLine)
