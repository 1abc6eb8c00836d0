#include "camera.hpp"

#include <thread>

namespace {

const std::string service = "ptz_service";
const std::string profile = "<x:ProfileToken>main</x:ProfileToken>";

struct Status {
    double pan, zoom;
    std::string panTilt, zooming;
};

Status statusOf(Camera& camera) {
    const auto answer = camera.call(service, "GetStatus", profile);
    const auto status = answer.root().at("Body/GetStatusResponse/PTZStatus");
    ck_assert(status && !status->textAt("UtcTime").empty());
    return {std::stod(status->at("Position/PanTilt")->attribute("x")),
            std::stod(status->at("Position/Zoom")->attribute("x")),
            status->textAt("MoveStatus/PanTilt"), status->textAt("MoveStatus/Zoom")};
}

std::string vector(const std::string& name, const std::string& pan, const std::string& zoom) {
    return profile + "<x:" + name + "><x:PanTilt x='" + pan + "' y='0'/><x:Zoom x='" + zoom +
           "'/></x:" + name + ">";
}

/// Waits until the motors rest.
Status arrived(Camera& camera) {
    Status status = statusOf(camera);
    for (int i = 0; i < 6000 && status.panTilt + status.zooming != "IDLEIDLE"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        status = statusOf(camera);
    }
    return status;
}

} // namespace

START_TEST(descriptions) {
    Camera camera;
    const auto node = camera.call(service, "GetNodes");
    CHECK_STR(node.root().find("PTZNode")->attribute("token"), "ptz0");
    ck_assert_uint_eq(node.root().find("SupportedPTZSpaces")->children().size(), 8);
    CHECK_STR(node.root().find("HomeSupported")->text(), "true");
    camera.call(service, "GetNode", "<x:NodeToken>ptz0</x:NodeToken>");
    CHECK_STR(camera.fault(service, "GetNode", "<x:NodeToken>no</x:NodeToken>"), "ter:NoEntity");
    const auto all = camera.call(service, "GetConfigurations");
    CHECK_STR(all.root().find("PTZConfiguration")->textAt("NodeToken"), "ptz0");
    camera.call(service, "GetConfiguration",
                "<x:PTZConfigurationToken>ptz</x:PTZConfigurationToken>");
    camera.call(service, "GetCompatibleConfigurations", profile);
    const auto options = camera.call(service, "GetConfigurationOptions",
                                     "<x:ConfigurationToken>ptz</x:ConfigurationToken>");
    CHECK_STR(options.root().find("PTZTimeout")->textAt("Max"), "PT60S");
}
END_TEST

START_TEST(moves) {
    Camera camera;
    CHECK_STR(statusOf(camera).panTilt, "IDLE");
    camera.call(service, "ContinuousMove", vector("Velocity", "0.5", "0.5"));
    Status status = statusOf(camera);
    CHECK_STR(status.panTilt, "MOVING");
    CHECK_STR(status.zooming, "MOVING");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    camera.call(service, "Stop", profile);
    status = statusOf(camera);
    CHECK_STR(status.panTilt + status.zooming, "IDLEIDLE");
    ck_assert(status.pan > 0 && status.zoom > 0);
    camera.call(service, "AbsoluteMove", vector("Position", "0.1", "0.05"));
    status = arrived(camera);
    ck_assert_double_eq_tol(status.pan, 0.1, 1e-3);
    camera.call(service, "RelativeMove", vector("Translation", "-0.2", "0.1"));
    status = arrived(camera);
    ck_assert_double_eq_tol(status.pan, -0.1, 1e-3);
    ck_assert_double_eq_tol(status.zoom, 0.15, 1e-3);
}
END_TEST

START_TEST(presets) {
    Camera camera;
    const auto made =
        camera.call(service, "SetPreset", profile + "<x:PresetName>Tor &amp; Hof</x:PresetName>");
    const std::string token = made.root().find("PresetToken")->text();
    const auto all = camera.call(service, "GetPresets", profile);
    ck_assert_uint_eq(all.root().findAll("Preset").size(), 3);
    CHECK_STR(all.root().findAll("Preset").back().textAt("Name"), "Tor & Hof");
    const auto named = [](const std::string& preset) {
        return profile + "<x:PresetToken>" + preset + "</x:PresetToken>";
    };
    camera.call(service, "GotoPreset", named("preset1"));
    ck_assert_double_eq_tol(arrived(camera).pan, -0.5, 1e-3);
    camera.call(service, "GotoHomePosition", profile);
    ck_assert_double_eq_tol(arrived(camera).pan, 0, 1e-3);
    camera.call(service, "SetHomePosition", profile);
    camera.call(service, "RemovePreset", named(token));
    for (const char* operation : {"RemovePreset", "GotoPreset", "SetPreset"})
        CHECK_STR(camera.fault(service, operation, named(token)), "ter:NoToken");
}
END_TEST

START_TEST(wrongRequests) {
    Camera camera;
    CHECK_STR(camera.fault(service, "GetStatus"), "ter:NoProfile");
    CHECK_STR(camera.fault(service, "ContinuousMove", profile), "ter:InvalidPosition");
    for (const char* pan : {"1.5", "-2", "east", "", "nan", "inf"})
        CHECK_STR(camera.fault(service, "ContinuousMove", vector("Velocity", pan, "0")),
                  "ter:InvalidPosition");
    CHECK_STR(camera.fault(service, "AbsoluteMove", vector("Position", "0", "-0.5")),
              "ter:InvalidPosition");
    CHECK_STR(camera.fault(service, "ContinuousMove",
                           vector("Velocity", "0", "0") + "<x:Timeout>soon</x:Timeout>"),
              "ter:TimeoutNotSupported");
}
END_TEST

START_TEST(ptzNoStop) {
    Camera camera;
    camera.device.ills.set("ptz-no-stop");
    camera.call(service, "ContinuousMove", vector("Velocity", "0.1", "0"));
    CHECK_STR(camera.fault(service, "Stop", profile, {}, 500), "ter:ActionNotSupported");
    CHECK_STR(statusOf(camera).panTilt, "MOVING");
    camera.call(service, "ContinuousMove", vector("Velocity", "0", "0"));
    CHECK_STR(statusOf(camera).panTilt, "IDLE");
}
END_TEST

START_TEST(ptzTimeoutRange) {
    Camera camera;
    const auto request = [](const std::string& timeout) {
        return vector("Velocity", "0.1", "0") + "<x:Timeout>" + timeout + "</x:Timeout>";
    };
    camera.call(service, "ContinuousMove", request("PT0.5S"));
    camera.device.ills.set("ptz-timeout-range");
    camera.call(service, "ContinuousMove", request("PT5S"));
    for (const char* timeout : {"PT0.5S", "PT61S"})
        CHECK_STR(camera.fault(service, "ContinuousMove", request(timeout)),
                  "ter:TimeoutNotSupported");
}
END_TEST

CHECK_MAIN("ptzservice", descriptions, moves, presets, wrongRequests, ptzNoStop, ptzTimeoutRange)
