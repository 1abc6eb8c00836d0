// What real cameras answered, walked through from the device address to the stream address.
#include "base/error.hpp"
#include "profilechoice.hpp"
#include "redact.hpp"
#include "stream.hpp"
#include "support/recordedcamera.hpp"

#include "check.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

using namespace onvif;
namespace fs = std::filesystem;

static std::string sourceDir() {
    const char* dir = std::getenv("VIDEO_STREAM_SOURCE_DIR");
    return dir ? dir : ".";
}
static std::string samples() { return sharedDir() + "/onvif-samples"; }

/// "media=http://…/onvif/media events=…", by the last folder of the namespace.
static std::string textOf(const Services& services) {
    std::string text;
    for (const auto& [space, address] : services) {
        const std::string path = space.substr(0, space.rfind("/wsdl"));
        const bool two = path.find("ver20/media") != std::string::npos;
        text += (text.empty() ? "" : " ") + path.substr(path.rfind('/') + 1) + (two ? "2=" : "=") +
                address;
    }
    return text;
}

static std::string textOf(const std::vector<Profile>& profiles) {
    std::string text;
    for (const Profile& profile : profiles)
        text += (text.empty() ? "" : "; ") + profile.text() + " at " +
                std::to_string(static_cast<int>(profile.frameRate + 0.5)) + "/s" +
                (profile.audioEncoding.empty() ? "" : " with " + profile.audioEncoding);
    return text;
}

/// What our readers make of an answer, in one line.
static std::string factsOf(const net::XmlNode& root, bool media2) {
    if (const auto fault = faultOf(root))
        return "Fault: " + fault->text() + (fault->notAuthorized() ? " [not authorized]" : "") +
               (fault->notSupported() ? " [not supported]" : "");
    const auto body = root.find("Body");
    if (!body || body->children().empty())
        return "nothing";
    const auto response = body->children().front();
    const std::string name = response.name();
    std::string facts;
    if (name == "GetDeviceInformationResponse") {
        const DeviceInformation info = readDeviceInformation(response);
        facts = info.manufacturer + " | " + info.model + " | " + info.firmware + " | " +
                info.hardware + " | serial of " + std::to_string(info.serial.size());
    } else if (name == "GetServicesResponse") {
        facts = textOf(readServices(response));
    } else if (name == "GetCapabilitiesResponse") {
        facts = textOf(readCapabilities(response));
    } else if (name == "GetProfilesResponse") {
        facts = textOf(media2 ? readProfiles2(response) : readProfiles(response));
    } else if (name == "GetSystemDateAndTimeResponse") {
        const auto time = readDateTime(response);
        facts = time ? utcText(*time) : "no time";
    } else if (name.find("Uri") != std::string::npos) {
        facts = redacted(readStreamUri(response));
    }
    return facts.empty() ? name : name + ": " + facts;
}

/// "folder/file.xml<TAB>facts" of every answer there is, sorted.
static std::map<std::string, std::string> factsOfAll() {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(samples())) {
        if (entry.path().extension() != ".xml")
            continue;
        const std::string name = fs::relative(entry.path(), samples()).string();
        const std::string text = RecordedCamera::textOf(entry.path());
        redacted(text);
        const auto document = net::XmlDocument::parse(text);
        all[name] = factsOf(document.root(), name.find("/media2.") != std::string::npos);
    }
    return all;
}

static std::map<std::string, std::string> expectedFacts() {
    std::ifstream file(sourceDir() + "/tests/unit/onvifsamples.txt");
    std::map<std::string, std::string> all;
    for (std::string line; std::getline(file, line);)
        if (const auto tab = line.find('\t'); tab != std::string::npos)
            all[line.substr(0, tab)] = line.substr(tab + 1);
    return all;
}

START_TEST(everyAnswerSaysWhatItShould) {
    const auto expected = expectedFacts(), read = factsOfAll();
    ck_assert_uint_ge(expected.size(), 400);
    for (const auto& [name, facts] : expected) {
        const auto found = read.find(name);
        ck_assert_msg(found != read.end(), "%s is not there", name.c_str());
        ck_assert_msg(found->second == facts, "%s\n  says:      %s\n  should be: %s", name.c_str(),
                      found->second.c_str(), facts.c_str());
    }
    for (const auto& row : read)
        ck_assert_msg(expected.count(row.first) == 1, "%s is not in the table: %s",
                      row.first.c_str(), row.second.c_str());
}
END_TEST

/// A recorded camera, asked as if it were there.
class Replay {
public:
    explicit Replay(const std::string& folder) : camera_(fs::path(samples()) / folder) {}

    net::HttpResponse operator()(const net::HttpRequest& request) {
        const std::string action = request.contentType;
        const auto slash = action.rfind('/');
        const std::string operation = action.substr(slash + 1, action.rfind('"') - slash - 1);
        hosts.push_back(net::Url::parse(request.url)->authority());
        const std::string text =
            camera_.answer(operation, action.find("ver20/media") != std::string::npos);
        return text.empty() ? net::HttpResponse{500, "", {}, RecordedCamera::notRecorded()}
                            : net::HttpResponse{200, "", {}, text};
    }

    std::vector<std::string> hosts;

private:
    RecordedCamera camera_;
};

/// What must come out of each.
static const struct Vendor {
    const char *folder, *reached;
    const char *manufacturer, *model;
    std::size_t profiles;
    const char *profile, *audio;
    const char* uri; ///< empty: the recording has none
} vendors[] = {
    {"nvt-axis", "http://cam/onvif/device_service", "AXIS", "AXIS Q6045-E", 2,
     "profile_1 h264 (profile_1_h264, H264 1280x720)", "",
     "rtsp://cam/onvif-media/"
     "media.amp?profile=profile_1_jpeg&sessiontimeout=60&streamtype=unicast"},
    {"nvt-hikvision", "http://cam/onvif/device_service", "HIKVISION", "DS-2DF7276-AEL", 3,
     "mainStream (Profile_1, H264 1280x720)", "G711",
     "rtsp://cam:554/Streaming/Channels/3?transportmode=unicast&profile=Profile_3"},
    {"nvt-trendnet", "http://cam/onvif/device_service", "TRENDnet", "TV-IP320PI", 2,
     "mainStream (Profile_1, H264 1280x720)", "",
     "rtsp://cam:554/Streaming/Channels/102?transportmode=unicast&profile=Profile_2"},
    // lists Media2, which was not recorded; its JPEG profile is the larger picture
    {"axis-p3818-pve", "http://cam/onvif/device_service", "AXIS", "P3818-PVE", 2,
     "profile_1 h264 (profile_1_h264, H264 1920x960)", "",
     "rtsp://cam/onvif-media/"
     "media.amp?profile=profile_1_h264&sessiontimeout=60&streamtype=unicast"},
    {"bosch-autodome-5000i", "http://cam/onvif/device_service", "Bosch",
     "AUTODOME IP starlight 5000i", 3, "H26x_L1S1 (0, H264 1536x864)", "",
     "rtsp://cam/rtsp_tunnel?p=0&h26x=4&vcd=2"},
    {"reolink-e1-zoom", "http://cam:8000/onvif/device_service", "REOLINK", "E1 Zoom", 2,
     "Profile000_MainStream (000, H264 2048x1536)", "AAC", "rtsp://cam:554/"},
    // Media2 answers without configurations (M4), so Media1 is asked; H265 where the standard has
    // none
    {"easy-enp1a14-ir_25x", "http://cam/onvif/device_service", "ONVIF", "ENP1A14-IR/25X", 3,
     "mainStream (Profile_1, H265 2560x1440)", "G711",
     "rtsp://cam:554/Streaming/Channels/101?transportmode=mcast&profile=Profile_1"},
    {"easy-sunba", "http://cam/onvif/device_service", "SUNBA", "Performance-Series", 3,
     "media_profile1 (media_profile1, H264 2592x1944)", "G711", ""},
    // no GetServices (M1)
    {"easy-dcs-6511", "http://cam/onvif/device_service", "D-Link Corporation", "DCS-6511", 2,
     "Profile1 (Profile1, H264 1280x1024)", "G711", ""},
    // the forwarded port of a NAT
    {"agsh-mock", "http://cam:8080/onvif/services", "Mockup Manufacturer", "Mockup Model", 1,
     "main (main, H264 1920x1080)", "", "rtsp://cam/h264main"},
};

START_TEST(walk) {
    const Vendor& vendor = vendors[_i];
    Replay replay(vendor.folder);
    const auto reached = *net::Url::parse(vendor.reached);
    SoapClient soap([&](const net::HttpRequest& request) { return replay(request); }, {});
    if (*vendor.uri) {
        Device device(soap, reached);
        const Stream stream = askDevice(device, soap, {});
        CHECK_STR(stream.uri, vendor.uri);
        CHECK_STR(stream.device.manufacturer, vendor.manufacturer);
        CHECK_STR(stream.device.model, vendor.model);
        ck_assert_uint_eq(stream.profiles.size(), vendor.profiles);
        CHECK_STR(stream.profile.text(), vendor.profile);
        CHECK_STR(stream.profile.audioEncoding, vendor.audio);
    } else {
        Device device(soap, reached);
        device.open();
        const auto profiles = device.profiles();
        ck_assert_uint_eq(profiles.size(), vendor.profiles);
        CHECK_STR(choose(profiles, "").front().text(), vendor.profile);
        CHECK_STR(choose(profiles, "").front().audioEncoding, vendor.audio);
        CHECK_STR(device.information().model, vendor.model);
        try {
            askDevice(device, soap, {});
            ck_abort_msg("there is no stream address in %s", vendor.folder);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == base::ErrorKind::NotFound);
            ck_assert(std::string(error.what()).find("no stream address") != std::string::npos);
        }
    }
    // Whatever the answers said: nobody but the host that was reached was asked.
    for (const std::string& host : replay.hosts)
        CHECK_STR(host, reached.authority());
}
END_TEST

START_TEST(wrongProfileNamesThoseThatExist) {
    Replay replay("reolink-e1-zoom");
    SoapClient soap([&](const net::HttpRequest& request) { return replay(request); }, {});
    SourceSettings settings;
    settings.profile = "nosuch";
    try {
        Device device(soap, *net::Url::parse("http://cam:8000/onvif/device_service"));
        askDevice(device, soap, settings);
        ck_abort_msg("it has no such profile");
    } catch (const base::Error& error) {
        CHECK_STR(error.what(),
                  "The camera has no profile 'nosuch'; set profile to main, sub or one of: "
                  "Profile000_MainStream (000, H264 2048x1536), Profile001_SubStream "
                  "(001, H264 640x480).");
    }
}
END_TEST

int main(int argc, char**) {
    if (!fs::exists(samples())) {
        std::puts("skipped: there are no recorded answers here");
        return 77;
    }
    if (argc > 1) { // anything: the table as it would have to be, for reading before it is taken
        for (const auto& [name, facts] : factsOfAll())
            std::printf("%s\t%s\n", name.c_str(), facts.c_str());
        return 0;
    }
    Suite* suite = suite_create("onvifsamples");
    TCase* tests = tcase_create("onvifsamples");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, everyAnswerSaysWhatItShould);
    tcase_add_loop_test(tests, walk, 0, static_cast<int>(std::size(vendors)));
    tcase_add_test(tests, wrongProfileNamesThoseThatExist);
    SRunner* runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
