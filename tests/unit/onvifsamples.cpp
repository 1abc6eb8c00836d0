// What real cameras answered, walked through from the device address to the stream address.
#include "base/error.hpp"
#include "redact.hpp"
#include "stream.hpp"

#include "check.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace onvif;
namespace fs = std::filesystem;

static std::string samples() { return sharedDir() + "/onvif-samples"; }

static std::string readAll(const fs::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

START_TEST(everyAnswerParses) {
    std::size_t count = 0, faults = 0;
    for (const auto& entry : fs::recursive_directory_iterator(samples())) {
        if (entry.path().extension() != ".xml")
            continue;
        const std::string name = entry.path().string();
        const auto document = net::XmlDocument::parse(readAll(entry.path()));
        ck_assert_msg(document.root().find("Body").has_value(), "%s has no body", name.c_str());
        const bool isFault = faultOf(document.root()).has_value();
        const bool named = name.find(".fault.") != std::string::npos ||
                           name.find(".400.") != std::string::npos ||
                           name.find(".500.") != std::string::npos ||
                           name.find("Error.xml") != std::string::npos ||
                           name.find("soap_fault") != std::string::npos;
        ck_assert_msg(isFault == named, "%s", name.c_str());
        count++;
        faults += isFault;
        redacted(readAll(entry.path()));
    }
    ck_assert_uint_ge(count, 400);
    ck_assert_uint_ge(faults, 40);
}
END_TEST

/// A folder of recorded answers as a device: the operation and the service name the file.
class Replay {
public:
    explicit Replay(std::string folder, std::string streamUriFile)
        : folder_(std::move(folder)), streamUriFile_(std::move(streamUriFile)) {}

    net::HttpResponse operator()(const net::HttpRequest& request) {
        const std::string action = request.contentType;
        const auto slash = action.rfind('/');
        const std::string operation = action.substr(slash + 1, action.rfind('"') - slash - 1);
        const bool two = action.find("ver20/media") != std::string::npos;
        hosts.push_back(net::Url::parse(request.url)->authority());
        const std::string file =
            operation == "GetStreamUri" ? streamUriFile_ : fileFor(operation, two);
        if (file.empty() || !fs::exists(fs::path(samples()) / folder_ / file))
            return {500,
                    "",
                    {},
                    "<E><Body><Fault><Code><Value>Receiver</Value><Subcode><Value>ter:"
                    "ActionNotSupported</Value></Subcode></Code></Fault></Body></E>"};
        return {200, "", {}, readAll(fs::path(samples()) / folder_ / file)};
    }

    std::vector<std::string> hosts;

private:
    std::string fileFor(const std::string& operation, bool two) const {
        for (const char* suffix : {".ok.xml", ".200.xml", ".xml"})
            for (const char* prefix :
                 {"media1.", "media.", "Media.", "core.", "Device.", "device_management.", ""}) {
                const std::string name = (two ? "media2." : prefix) + operation + suffix;
                if (fs::exists(fs::path(samples()) / folder_ / name))
                    return name;
            }
        return {};
    }

    std::string folder_, streamUriFile_;
};

/// What must come out of each.
static const struct Vendor {
    const char *folder, *reached, *streamUriFile;
    const char *manufacturer, *model;
    std::size_t profiles;
    const char *profile, *audio;
    const char* uri; ///< empty: the recording has none
} vendors[] = {
    {"nvt-axis", "http://cam/onvif/device_service", "media.GetStreamUri.ok.xml", "AXIS",
     "AXIS Q6045-E", 2, "profile_1 h264 (profile_1_h264, H264 1280x720)", "",
     "rtsp://cam/onvif-media/"
     "media.amp?profile=profile_1_jpeg&sessiontimeout=60&streamtype=unicast"},
    {"nvt-hikvision", "http://cam/onvif/device_service", "media.GetStreamUri.ok.xml", "HIKVISION",
     "DS-2DF7276-AEL", 3, "mainStream (Profile_1, H264 1280x720)", "G711",
     "rtsp://cam:554/Streaming/Channels/3?transportmode=unicast&profile=Profile_3"},
    {"nvt-trendnet", "http://cam/onvif/device_service", "media.GetStreamUri.ok.xml", "TRENDnet",
     "TV-IP320PI", 2, "mainStream (Profile_1, H264 1280x720)", "",
     "rtsp://cam:554/Streaming/Channels/102?transportmode=unicast&profile=Profile_2"},
    // lists Media2, which was not recorded; its JPEG profile is the larger picture
    {"axis-p3818-pve", "http://cam/onvif/device_service", "Media.GetStreamUri.01.200.xml", "AXIS",
     "P3818-PVE", 2, "profile_1 h264 (profile_1_h264, H264 1920x960)", "",
     "rtsp://cam/onvif-media/"
     "media.amp?profile=profile_1_h264&sessiontimeout=60&streamtype=unicast"},
    {"bosch-autodome-5000i", "http://cam/onvif/device_service", "Media.GetStreamUri.01.200.xml",
     "Bosch", "AUTODOME IP starlight 5000i", 3, "H26x_L1S1 (0, H264 1536x864)", "",
     "rtsp://cam/rtsp_tunnel?p=0&h26x=4&vcd=2"},
    {"reolink-e1-zoom", "http://cam:8000/onvif/device_service", "Media.GetStreamUri.01.200.xml",
     "REOLINK", "E1 Zoom", 2, "Profile000_MainStream (000, H264 2048x1536)", "AAC",
     "rtsp://cam:554/"},
    // Media2 answers without configurations (M4), so Media1 is asked; H265 where the standard has
    // none
    {"easy-enp1a14-ir_25x", "http://cam/onvif/device_service", "media1.GetStreamUri.ok.xml",
     "ONVIF", "ENP1A14-IR/25X", 3, "mainStream (Profile_1, H265 2560x1440)", "G711",
     "rtsp://cam:554/Streaming/Channels/101?transportmode=mcast&profile=Profile_1"},
    {"easy-sunba", "http://cam/onvif/device_service", "", "SUNBA", "Performance-Series", 3,
     "media_profile1 (media_profile1, H264 2592x1944)", "G711", ""},
    // no GetServices (M1)
    {"easy-dcs-6511", "http://cam/onvif/device_service", "", "D-Link Corporation", "DCS-6511", 2,
     "Profile1 (Profile1, H264 1280x1024)", "G711", ""},
    // the forwarded port of a NAT
    {"agsh-mock", "http://cam:8080/onvif/services", "GetStreamUri.xml", "Mockup Manufacturer",
     "Mockup Model", 1, "main (main, H264 1920x1080)", "", "rtsp://cam/h264main"},
};

START_TEST(walk) {
    const Vendor& vendor = vendors[_i];
    Replay replay(vendor.folder, vendor.streamUriFile);
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
    Replay replay("reolink-e1-zoom", "");
    SoapClient soap([&](const net::HttpRequest& request) { return replay(request); }, {});
    SourceSettings settings;
    settings.profile = "nosuch";
    try {
        Device device(soap, *net::Url::parse("http://cam:8000/onvif/device_service"));
        askDevice(device, soap, settings);
        ck_abort_msg("it has no such profile");
    } catch (const base::Error& error) {
        CHECK_STR(error.what(), "The camera has no profile 'nosuch'; set profile to one of: "
                                "Profile000_MainStream (000, H264 2048x1536), Profile001_SubStream "
                                "(001, H264 640x480).");
    }
}
END_TEST

int main() {
    if (!fs::exists(samples())) {
        std::puts("skipped: there are no recorded answers here");
        return 77;
    }
    Suite* suite = suite_create("onvifsamples");
    TCase* tests = tcase_create("onvifsamples");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, everyAnswerParses);
    tcase_add_loop_test(tests, walk, 0, static_cast<int>(std::size(vendors)));
    tcase_add_test(tests, wrongProfileNamesThoseThatExist);
    SRunner* runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
