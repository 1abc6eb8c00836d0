// What real cameras answered about their heads, their pictures, their switches and what they
// noticed.
#include "event.hpp"
#include "imaging.hpp"
#include "ptz.hpp"
#include "pullpoint.hpp"
#include "snapshot.hpp"
#include "soapmessage.hpp"
#include "xmlvalue.hpp"

#include "check.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace onvif;

static std::string folder() { return sharedDir() + "/onvif-samples/"; }

static net::XmlDocument answer(const std::string& file) {
    std::ifstream stream(folder() + file);
    ck_assert_msg(stream.good(), "%s is not there", file.c_str());
    return net::XmlDocument::parse(
        std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()));
}

static std::string shown(const std::optional<double>& value) {
    return value ? decimalText(*value) : "-";
}

static std::string shown(const PtzVector& v) {
    return shown(v.pan) + " " + shown(v.tilt) + " " + shown(v.zoom);
}

static std::string shown(const std::optional<Range>& range) {
    return range ? decimalText(range->low) + ".." + decimalText(range->high) : "-";
}

static std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words)
        all += (all.empty() ? "" : ",") + word;
    return all;
}

START_TEST(positions) {
    const struct {
        const char *file, *position, *movement;
    } table[] = {
        {"nvt-axis/ptz.GetStatus.ok.xml", "-0.387339 0.933801 0", "IDLE IDLE"},
        {"bosch-autodome-5000i/PTZ.GetStatus.01.200.xml", "1 -0.844 0.006", "IDLE IDLE"},
        {"reolink-e1-zoom/PTZ.GetStatus.01.200.xml", "- - -", "IDLE IDLE"},
        {"easy-sunba/ptz.GetStatus.ok.xml", "0.5 0.499778 0", "IDLE IDLE"},
    };
    for (const auto& row : table) {
        const auto document = answer(row.file);
        const PtzStatus status = readPtzStatus(*document.root().find("GetStatusResponse"));
        CHECK_STR(shown(status.position), row.position);
        CHECK_STR(status.panTilt + " " + status.zoom, row.movement);
        ck_assert(!status.moving);
    }
}
END_TEST

START_TEST(heads) {
    const struct {
        const char *file, *list;
        std::size_t absolute, continuous, zoom;
    } table[] = {
        {"nvt-hikvision/ptz.GetNodes.ok.xml", "SupportedPTZSpaces", 1, 2, 2},
        {"nvt-axis/ptz.GetNodes.ok.xml", "SupportedPTZSpaces", 2, 1, 1},
        {"ex-onvif/get_ptz_nodes.xml", "SupportedPTZSpaces", 1, 1, 1},
        {"easy-enp1a14-ir_25x/ptz.GetConfigurationOptions.ok.xml", "Spaces", 1, 2, 2},
        {"easy-sunba/ptz.GetConfigurationOptions.ok.xml", "Spaces", 1, 1, 1},
    };
    for (const auto& row : table) {
        const auto document = answer(row.file);
        const PtzSpaces spaces = readPtzSpaces(*document.root().find(row.list));
        ck_assert(spaces.known);
        ck_assert_msg(spaces.absolutePanTilt.size() == row.absolute, "%s: %zu", row.file,
                      spaces.absolutePanTilt.size());
        ck_assert_msg(spaces.continuousPanTilt.size() == row.continuous, "%s: %zu", row.file,
                      spaces.continuousPanTilt.size());
        ck_assert_msg(spaces.continuousZoom.size() == row.zoom, "%s: %zu", row.file,
                      spaces.continuousZoom.size());
        ck_assert(spaces.continuousPanTilt.front().generic());
        ck_assert_double_eq(spaces.continuousPanTilt.front().x.low, -1);
    }
}
END_TEST

START_TEST(presets) {
    const auto axis = answer("nvt-axis/ptz.GetPresets.ok.xml");
    const auto list = readPtzPresets(*axis.root().find("GetPresetsResponse"));
    ck_assert_uint_ge(list.size(), 5);
    CHECK_STR(list.front().token + " " + list.front().name, "22 Living Room");
    ck_assert(list.front().position.pan.has_value());
    const auto reolink = answer("reolink-e1-zoom/PTZ.GetPresets.01.200.xml");
    ck_assert(readPtzPresets(*reolink.root().find("GetPresetsResponse")).empty());
}
END_TEST

START_TEST(pictures) {
    const struct {
        const char *folder, *settings, *options;
    } table[] = {
        {"axis-p3818-pve/Imaging", "50 50 50 50  auto", "0..100 0..100  off,on,auto"},
        {"bosch-autodome-5000i/Imaging", "128 128 128 - auto ", "0..255 - auto,manual "},
        {"reolink-e1-zoom/Imaging", "128 128 128 128  auto", "0..255 0..255  auto,off"},
        {"agsh-mock/imaging", "255 128 128 128 auto ", "0..255 -  "},
    };
    for (const auto& row : table) {
        const std::string end = std::string(row.folder).find("agsh") == 0 ? ".xml" : ".200.xml";
        const auto now = answer(std::string(row.folder) + ".GetImagingSettings" + end);
        const ImagingSettings is =
            readImagingSettings(*now.root().find("GetImagingSettingsResponse"));
        CHECK_STR(shown(is.brightness) + " " + shown(is.contrast) + " " + shown(is.saturation) +
                      " " + shown(is.sharpness) + " " + is.focus + " " + is.irCut,
                  row.settings);
        const auto can = answer(std::string(row.folder) + ".GetOptions" + end);
        const ImagingOptions options = readImagingOptions(*can.root().find("GetOptionsResponse"));
        CHECK_STR(shown(options.brightness) + " " + shown(options.sharpness) + " " +
                      joined(options.focus) + " " + joined(options.irCut),
                  row.options);
    }
}
END_TEST

/// Quirks E1 and E3 as they were recorded.
START_TEST(subscriptionsE1) {
    const auto axis = answer("nvt-axis/events.CreatePullPointSubscription.ok.xml");
    const auto parameters = axis.root().find("ReferenceParameters");
    ck_assert(parameters.has_value());
    const auto children = parameters->children();
    ck_assert_uint_eq(children.size(), 1);
    CHECK_STR(children.front().name(), "SubscriptionId");
    ck_assert(children.front().xml().find("xmlns:dom0=") != std::string::npos);
    ck_assert(readLease(*axis.root().find("CreatePullPointSubscriptionResponse")).left.count() ==
              0); // a month: not believed
    for (const char* file : {"nvt-hikvision/events.CreatePullPointSubscription.ok.xml",
                             "nvt-trendnet/events.CreatePullPointSubscription.ok.xml",
                             "ex-onvif/create_pull_point_subscription.xml"}) {
        const auto document = answer(file);
        const auto response = document.root().find("CreatePullPointSubscriptionResponse");
        ck_assert_int_eq(readLease(*response).left.count(), 60);
        CHECK_STR(lineAt(*response, "SubscriptionReference/Address").substr(0, 7), "http://");
    }
}
END_TEST

static std::string noticed(const std::string& file) {
    const auto document = answer(file);
    std::string all;
    for (const Event& event : readEvents(document.root()))
        all += event.kind + (event.active ? *event.active ? "+" : "-" : "") + " " +
               event.operation + (event.time ? "; " : " without a time; ");
    return all;
}

START_TEST(events) {
    CHECK_STR(noticed("nvt-trendnet/events.PullMessages.ok.xml"),
              "Monitoring/ProcessorUsage Changed; ");
    CHECK_STR(noticed("nvt-hikvision/events.PullMessages.ok.xml"), "");
    const std::string many = noticed("ex-onvif/pull_messages.xml");
    for (const char* part :
         {"motion- Initialized; ", "tamper- Initialized; ", "intrusion- Initialized; "})
        ck_assert_msg(many.find(part) != std::string::npos, "%s", many.c_str());
    // A template for a mock, and no XML: what stands in it is read all the same.
    CHECK_STR(noticed("agsh-mock/PullMessages.xml"),
              "motion+  without a time; motion+  without a time; ");
}
END_TEST

int main() {
    if (!std::filesystem::exists(folder())) {
        std::puts("skipped: there are no recorded answers here");
        return 77;
    }
    return runSuite("steeringsamples",
                    {positions, heads, presets, pictures, subscriptionsE1, events});
}
