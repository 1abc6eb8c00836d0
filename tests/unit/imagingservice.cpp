// The picture's settings and the focus; and the switches.
#include "camera.hpp"

namespace {

const std::string imaging = "imaging_service";
const std::string source = "<x:VideoSourceToken>video0</x:VideoSourceToken>";

std::string setting(const std::string& content) {
    return source + "<x:ImagingSettings>" + content + "</x:ImagingSettings>";
}

std::string settingOf(Camera& camera, const std::string& path) {
    return camera.call(imaging, "GetImagingSettings", source)
        .root()
        .textAt("Body/GetImagingSettingsResponse/ImagingSettings/" + path);
}

} // namespace

START_TEST(settings) {
    Camera camera;
    CHECK_STR(settingOf(camera, "Brightness"), "50");
    camera.call(imaging, "SetImagingSettings",
                setting("<x:Brightness>70.5</x:Brightness><x:IrCutFilter>OFF</x:IrCutFilter>"
                        "<x:Focus><x:AutoFocusMode>MANUAL</x:AutoFocusMode></x:Focus>"));
    CHECK_STR(settingOf(camera, "Brightness"), "70.5");
    CHECK_STR(settingOf(camera, "IrCutFilter"), "OFF");
    CHECK_STR(settingOf(camera, "Focus/AutoFocusMode"), "MANUAL");
    CHECK_STR(settingOf(camera, "Contrast"), "50"); // what is left out stays
    camera.call(imaging, "SetImagingSettings",
                setting("<x:Contrast>1</x:Contrast><x:ColorSaturation>2</x:ColorSaturation>"
                        "<x:Sharpness>3</x:Sharpness>"));
    ck_assert_double_eq(camera.services.imaging.settings().sharpness, 3);
    ck_assert_double_eq(camera.services.imaging.settings().brightness, 70.5);
    for (const char* wrong :
         {"<x:Brightness>101</x:Brightness>", "<x:Contrast>x</x:Contrast>",
          "<x:Sharpness>nan</x:Sharpness>", "<x:IrCutFilter>SOME</x:IrCutFilter>"})
        CHECK_STR(camera.fault(imaging, "SetImagingSettings", setting(wrong)),
                  "ter:SettingsInvalid");
    CHECK_STR(camera.fault(imaging, "SetImagingSettings", source), "ter:SettingsInvalid");
    CHECK_STR(camera.fault(imaging, "GetImagingSettings"), "ter:NoSource");
    const auto options = camera.call(imaging, "GetOptions", source);
    CHECK_STR(options.root().find("Brightness")->textAt("Max"), "100");
    ck_assert_uint_eq(options.root().findAll("IrCutFilterModes").size(), 3);
}
END_TEST

START_TEST(focus) {
    Camera camera;
    const auto status = [&] {
        const auto answer = camera.call(imaging, "GetStatus", source);
        return answer.root().find("FocusStatus20")->textAt("MoveStatus");
    };
    const auto move = [&](const std::string& content) {
        camera.call(imaging, "Move", source + "<x:Focus>" + content + "</x:Focus>");
    };
    CHECK_STR(status(), "IDLE");
    move("<x:Continuous><x:Speed>-0.01</x:Speed></x:Continuous>");
    CHECK_STR(status(), "MOVING");
    camera.call(imaging, "Stop", source);
    CHECK_STR(status(), "IDLE");
    const auto later = [] { return camera::Axis::Clock::now() + std::chrono::hours(1); };
    move("<x:Absolute><x:Position>0.9</x:Position></x:Absolute>");
    ck_assert_double_eq_tol(camera.services.imaging.focus(later()), 0.9, 1e-6);
    move("<x:Relative><x:Distance>-1</x:Distance><x:Speed>1</x:Speed></x:Relative>");
    ck_assert_double_eq_tol(camera.services.imaging.focus(later()), 0, 1e-6);
    for (const char* wrong : {"", "<x:Absolute><x:Position>2</x:Position></x:Absolute>"})
        CHECK_STR(camera.fault(imaging, "Move", source + "<x:Focus>" + wrong + "</x:Focus>"),
                  "ter:SettingsInvalid");
    camera.call(imaging, "GetMoveOptions", source);
}
END_TEST

START_TEST(relays) {
    for (const char* service : {"deviceio_service", "device_service"}) {
        Camera camera;
        const auto all = camera.call(service, "GetRelayOutputs");
        ck_assert_uint_eq(all.root().findAll("RelayOutputs").size(), 2);
        CHECK_STR(all.root().find("RelayOutputs")->textAt("Properties/Mode"), "Bistable");
        const std::string relay = "<x:RelayOutputToken>relay1</x:RelayOutputToken>";
        camera.call(service, "SetRelayOutputState",
                    relay + "<x:LogicalState>active</x:LogicalState>");
        ck_assert(camera.services.relays.all()[1].active &&
                  !camera.services.relays.all()[0].active);
        CHECK_STR(camera.fault(service, "SetRelayOutputState",
                               relay + "<x:LogicalState>perhaps</x:LogicalState>"),
                  "ter:ModeError");
        CHECK_STR(camera.fault(service, "SetRelayOutputState",
                               "<x:RelayOutputToken>no</x:RelayOutputToken>"
                               "<x:LogicalState>active</x:LogicalState>"),
                  "ter:RelayToken");
        const std::string properties = "<x:Properties><x:Mode>Monostable</x:Mode><x:DelayTime>PT2S"
                                       "</x:DelayTime><x:IdleState>closed</x:IdleState>"
                                       "</x:Properties>";
        camera.call(service, "SetRelayOutputSettings", relay + properties);
        CHECK_STR(camera.services.relays.all()[1].mode, "Monostable");
        camera.call(service, "SetRelayOutputSettings",
                    "<x:RelayOutput token='relay0'>" + properties + "</x:RelayOutput>");
        CHECK_STR(camera.services.relays.all()[0].delay, "PT2S");
        CHECK_STR(camera.fault(service, "SetRelayOutputSettings", relay), "ter:ModeError");
    }
    Camera camera;
    CHECK_STR(camera.call("deviceio_service", "GetDigitalInputs")
                  .root()
                  .find("DigitalInputs")
                  ->attribute("token"),
              "input0");
    camera.call("deviceio_service", "GetVideoSources");
}
END_TEST

CHECK_MAIN("imagingservice", settings, focus, relays)
