#include "support/imagingservice.hpp"

#include "support/device.hpp"

#include <glib.h>

#include <cmath>
#include <optional>

namespace camera {
namespace {

struct Level {
    const char* name;
    double ImagingSettings::*field;
};

constexpr Level levels[] = {{"Brightness", &ImagingSettings::brightness},
                            {"ColorSaturation", &ImagingSettings::saturation},
                            {"Contrast", &ImagingSettings::contrast}};
constexpr Level sharpness{"Sharpness", &ImagingSettings::sharpness};

[[noreturn]] void invalid(const char* detail, const std::string& why) {
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal", why, detail);
}

std::string number(double value) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    return g_ascii_formatd(text, sizeof text, "%.4g", value);
}

std::optional<double> numberAt(const net::XmlNode& node, const char* path, double low,
                               double high) {
    const std::string text = node.textAt(path);
    if (text.empty())
        return {};
    char* end = nullptr;
    const double value = g_ascii_strtod(text.c_str(), &end);
    if (*end || !std::isfinite(value) || value < low || value > high)
        invalid("ter:SettingsInvalid", std::string(path) + " is out of its range.");
    return value;
}

void takeWord(const net::XmlNode& node, const char* path, std::initializer_list<const char*> words,
              std::string& field) {
    const std::string text = node.textAt(path);
    if (text.empty())
        return;
    for (const char* word : words)
        if (text == word) {
            field = text;
            return;
        }
    invalid("ter:SettingsInvalid", std::string(path) + " has no such value.");
}

void checkSource(const net::XmlNode& arguments) {
    if (arguments.textAt("VideoSourceToken") != videoSourceToken)
        invalid("ter:NoSource", "This camera has no video source of that token.");
}

std::string levelElement(const ImagingSettings& settings, const Level& level) {
    return xmlLeaf("tt:" + std::string(level.name), number(settings.*level.field));
}

std::string settingsElement(const ImagingSettings& settings) {
    std::string body;
    for (const Level& level : levels)
        body += levelElement(settings, level);
    body += xmlTag("tt:Focus", xmlLeaf("tt:AutoFocusMode", settings.autoFocus) +
                                   xmlLeaf("tt:DefaultSpeed", "1"));
    body += xmlLeaf("tt:IrCutFilter", settings.irCutFilter);
    body += levelElement(settings, sharpness);
    return xmlTag("timg:ImagingSettings", body);
}

/// What the request leaves out stays as it is.
ImagingSettings changed(ImagingSettings settings, const net::XmlNode& arguments) {
    const auto wish = arguments.child("ImagingSettings");
    if (!wish)
        invalid("ter:SettingsInvalid", "ImagingSettings is missing.");
    for (const Level& level : levels)
        settings.*level.field = numberAt(*wish, level.name, 0, 100).value_or(settings.*level.field);
    settings.sharpness = numberAt(*wish, sharpness.name, 0, 100).value_or(settings.sharpness);
    takeWord(*wish, "IrCutFilter", {"ON", "OFF", "AUTO"}, settings.irCutFilter);
    takeWord(*wish, "Focus/AutoFocusMode", {"AUTO", "MANUAL"}, settings.autoFocus);
    return settings;
}

std::string range(const std::string& name, double low, double high) {
    return xmlTag(name, xmlLeaf("tt:Min", number(low)) + xmlLeaf("tt:Max", number(high)));
}

std::string options() {
    std::string body;
    for (const Level& level : levels)
        body += range("tt:" + std::string(level.name), 0, 100);
    body += xmlTag("tt:Focus", xmlLeaf("tt:AutoFocusModes", "AUTO") +
                                   xmlLeaf("tt:AutoFocusModes", "MANUAL") +
                                   range("tt:DefaultSpeed", 0, 1));
    for (const char* mode : {"ON", "OFF", "AUTO"})
        body += xmlLeaf("tt:IrCutFilterModes", mode);
    body += range("tt:Sharpness", 0, 100);
    return xmlTag("timg:ImagingOptions", body);
}

std::string moveOptions() {
    return xmlTag("timg:MoveOptions",
                  xmlTag("tt:Absolute", range("tt:Position", 0, 1) + range("tt:Speed", 0, 1)) +
                      xmlTag("tt:Relative", range("tt:Distance", -1, 1) + range("tt:Speed", 0, 1)) +
                      xmlTag("tt:Continuous", range("tt:Speed", -1, 1)));
}

void move(Imaging& imaging, const net::XmlNode& arguments) {
    const auto now = Axis::Clock::now();
    const auto focus = arguments.child("Focus");
    if (!focus)
        invalid("ter:SettingsInvalid", "Focus is missing.");
    if (const auto position = numberAt(*focus, "Absolute/Position", 0, 1))
        imaging.focusTo(*position, numberAt(*focus, "Absolute/Speed", 0, 1).value_or(1), now);
    else if (const auto way = numberAt(*focus, "Relative/Distance", -1, 1))
        imaging.focusBy(*way, numberAt(*focus, "Relative/Speed", 0, 1).value_or(1), now);
    else if (const auto speed = numberAt(*focus, "Continuous/Speed", -1, 1))
        imaging.focusRun(*speed, now);
    else
        invalid("ter:SettingsInvalid", "Focus names no move.");
}

std::string status(const Imaging& imaging) {
    const auto now = Axis::Clock::now();
    return xmlTag("timg:Status", xmlTag("tt:FocusStatus20",
                                        xmlLeaf("tt:Position", number(imaging.focus(now))) +
                                            xmlLeaf("tt:MoveStatus",
                                                    imaging.focusMoves(now) ? "MOVING" : "IDLE")));
}

} // namespace

Service imagingService(Imaging& imaging) {
    Service service;
    service.path = "/onvif/imaging_service";
    service.nameSpace = "http://www.onvif.org/ver20/imaging/wsdl";
    service.category = "Imaging";
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities =
        xmlTag("timg:Capabilities", {}, R"(ImageStabilization="false" Presets="false")");
    service.tellCapabilities("timg");

    const auto add = [&](const std::string& name,
                         const std::function<std::string(const net::XmlNode&)>& work) {
        service.operations[name] = {Access::Users,
                                    [name, work](const auto& arguments, const auto&) {
                                        checkSource(arguments);
                                        return xmlTag("timg:" + name + "Response", work(arguments));
                                    }};
    };
    add("GetImagingSettings",
        [&imaging](const auto&) { return settingsElement(imaging.settings()); });
    add("SetImagingSettings", [&imaging](const auto& args) {
        imaging.set(changed(imaging.settings(), args));
        return std::string();
    });
    add("GetOptions", [](const auto&) { return options(); });
    add("GetMoveOptions", [](const auto&) { return moveOptions(); });
    add("GetStatus", [&imaging](const auto&) { return status(imaging); });
    add("Move", [&imaging](const auto& args) {
        move(imaging, args);
        return std::string();
    });
    add("Stop", [&imaging](const auto&) {
        imaging.focusStop(Axis::Clock::now());
        return std::string();
    });
    return service;
}

} // namespace camera
