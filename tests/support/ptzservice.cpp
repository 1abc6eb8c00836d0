#include "support/ptzservice.hpp"

#include "support/xsdtime.hpp"

#include <glib.h>

#include <cmath>

namespace camera {
namespace {

using namespace std::chrono_literals;

constexpr const char* node = "ptz0";
constexpr const char* configuration = "ptz";
constexpr auto shortest = 1s, longest = 60s, usual = 10s; ///< timeouts of a continuous move

enum class Unit { Position, Translation, Velocity, Speed };

[[noreturn]] void invalid(const char* detail, const std::string& why) {
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal", why, detail);
}

std::string space(const char* kind, Unit unit) {
    const std::string start = std::string("http://www.onvif.org/ver10/tptz/") + kind + "Spaces/";
    const bool zoom = kind == std::string("Zoom");
    switch (unit) {
    case Unit::Position:
        return start + "PositionGenericSpace";
    case Unit::Translation:
        return start + "TranslationGenericSpace";
    case Unit::Velocity:
        return start + "VelocityGenericSpace";
    case Unit::Speed:
        break;
    }
    return start + (zoom ? "ZoomGenericSpeedSpace" : "GenericSpeedSpace");
}

std::string number(double value) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    // A thousandth of a degree is finer than any motor, and -0 is no place.
    return g_ascii_formatd(text, sizeof text, "%.4f", std::abs(value) < 5e-5 ? 0 : value);
}

double parsed(const std::string& text) {
    char* end = nullptr;
    const double value = g_ascii_strtod(text.c_str(), &end);
    if (text.empty() || *end || !std::isfinite(value))
        invalid("ter:InvalidPosition", "A coordinate is no number.");
    return value;
}

std::string range(const char* name, double low, double high) {
    return xmlTag(name, xmlLeaf("tt:Min", number(low)) + xmlLeaf("tt:Max", number(high)));
}

std::string spaceOf(const char* name, const char* kind, Unit unit) {
    const bool flat = kind == std::string("Zoom");
    const double low = unit == Unit::Speed || (flat && unit == Unit::Position) ? 0 : -1;
    std::string content = xmlLeaf("tt:URI", space(kind, unit)) + range("tt:XRange", low, 1);
    if (!flat && unit != Unit::Speed)
        content += range("tt:YRange", low, 1);
    return xmlTag(name, content);
}

std::string allSpaces() {
    return spaceOf("tt:AbsolutePanTiltPositionSpace", "PanTilt", Unit::Position) +
           spaceOf("tt:AbsoluteZoomPositionSpace", "Zoom", Unit::Position) +
           spaceOf("tt:RelativePanTiltTranslationSpace", "PanTilt", Unit::Translation) +
           spaceOf("tt:RelativeZoomTranslationSpace", "Zoom", Unit::Translation) +
           spaceOf("tt:ContinuousPanTiltVelocitySpace", "PanTilt", Unit::Velocity) +
           spaceOf("tt:ContinuousZoomVelocitySpace", "Zoom", Unit::Velocity) +
           spaceOf("tt:PanTiltSpeedSpace", "PanTilt", Unit::Speed) +
           spaceOf("tt:ZoomSpeedSpace", "Zoom", Unit::Speed);
}

std::string nodeElement(const char* name) {
    return xmlTag(name,
                  xmlLeaf("tt:Name", "Pan, tilt and zoom") +
                      xmlTag("tt:SupportedPTZSpaces", allSpaces()) +
                      xmlLeaf("tt:MaximumNumberOfPresets", static_cast<int>(Ptz::mostPresets)) +
                      xmlLeaf("tt:HomeSupported", "true"),
                  std::string("token=\"") + node + "\" FixedHomePosition=\"false\"");
}

std::string vectorElement(const char* name, const PtzVector& vector) {
    return xmlTag(name, xmlTag("tt:PanTilt", {},
                               "x=\"" + number(vector.pan) + "\" y=\"" + number(vector.tilt) +
                                   "\" space=\"" + space("PanTilt", Unit::Position) + "\"") +
                            xmlTag("tt:Zoom", {},
                                   "x=\"" + number(vector.zoom) + "\" space=\"" +
                                       space("Zoom", Unit::Position) + "\""));
}

std::string optionsElement() {
    return xmlTag(
        "tptz:PTZConfigurationOptions",
        xmlTag("tt:Spaces", allSpaces()) +
            xmlTag("tt:PTZTimeout", xmlLeaf("tt:Min", "PT1S") + xmlLeaf("tt:Max", "PT60S")));
}

/// What an element of a request says; values beyond the space are a fault unless they are speeds.
PtzRequest requestOf(const net::XmlNode& arguments, const char* name, double lowestZoom) {
    const auto element = arguments.child(name);
    if (!element)
        invalid("ter:InvalidPosition", std::string(name) + " is missing.");
    PtzRequest request;
    if (const auto panTilt = element->child("PanTilt")) {
        request.pan = parsed(panTilt->attribute("x"));
        request.tilt = parsed(panTilt->attribute("y"));
    }
    if (const auto zoom = element->child("Zoom"))
        request.zoom = parsed(zoom->attribute("x"));
    if (std::abs(request.pan.value_or(0)) > 1 || std::abs(request.tilt.value_or(0)) > 1 ||
        request.zoom.value_or(0) > 1 || request.zoom.value_or(0) < lowestZoom)
        invalid("ter:InvalidPosition", "A coordinate is out of its range.");
    return request;
}

PtzVector speedOf(const net::XmlNode& arguments) {
    const auto element = arguments.child("Speed");
    if (!element)
        return {1, 1, 1};
    const PtzRequest said = requestOf(arguments, "Speed", 0);
    return {std::abs(said.pan.value_or(1)), std::abs(said.tilt.value_or(1)), said.zoom.value_or(1)};
}

std::chrono::milliseconds timeoutOf(const net::XmlNode& arguments, const Ills& ills) {
    const std::string text = arguments.textAt("Timeout");
    if (text.empty())
        return usual;
    const auto timeout = xsdDuration(text);
    if (!timeout)
        invalid("ter:TimeoutNotSupported", "The timeout is no duration.");
    if (ills.has("ptz-timeout-range") && (*timeout < shortest || *timeout > longest))
        invalid("ter:TimeoutNotSupported", "The timeout is out of its range.");
    return std::clamp<std::chrono::milliseconds>(*timeout, 100ms, longest);
}

/// Every operation that moves names a profile, and all profiles have the same motors.
void checkProfile(const Device& device, const net::XmlNode& arguments) {
    const std::string token = arguments.textAt("ProfileToken");
    for (const StreamProfile& profile : device.profiles)
        if (profile.token == token)
            return;
    invalid("ter:NoProfile", "This camera has no profile of that token.");
}

std::string presetsElement(const Ptz& ptz) {
    std::string body;
    for (const auto& [token, preset] : ptz.presets())
        body += xmlTag("tptz:Preset",
                       xmlLeaf("tt:Name", preset.name) +
                           vectorElement("tt:PTZPosition", preset.position),
                       "token=\"" + net::xmlEscape(token) + "\"");
    return body;
}

std::string status(const Ptz& ptz) {
    const auto now = Axis::Clock::now();
    const auto word = [](bool moves) { return moves ? "MOVING" : "IDLE"; };
    return xmlTag("tptz:PTZStatus",
                  vectorElement("tt:Position", ptz.position(now)) +
                      xmlTag("tt:MoveStatus", xmlLeaf("tt:PanTilt", word(ptz.panTiltMoves(now))) +
                                                  xmlLeaf("tt:Zoom", word(ptz.zoomMoves(now)))) +
                      xmlLeaf("tt:UtcTime", xsdTime(std::chrono::system_clock::now())));
}

bool wanted(const net::XmlNode& arguments, const char* name) {
    const std::string text = arguments.textAt(name);
    return text.empty() || text == "true" || text == "1";
}

void addDescriptions(Service& service, const Device& device) {
    const auto add = [&](const std::string& name, Service::Handler handler) {
        service.operations[name] = {Access::Users, [name, handler](const auto& a, const auto& c) {
                                        return xmlTag("tptz:" + name + "Response", handler(a, c));
                                    }};
    };
    const auto checked = [](const net::XmlNode& args, const char* argument, const char* token) {
        if (args.textAt(argument) != token)
            invalid("ter:NoEntity", "This camera has nothing of that token.");
    };
    add("GetNodes", [](const auto&, const auto&) { return nodeElement("tptz:PTZNode"); });
    add("GetNode", [checked](const auto& args, const auto&) {
        checked(args, "NodeToken", node);
        return nodeElement("tptz:PTZNode");
    });
    add("GetConfigurations", [&device](const auto&, const auto&) {
        return ptzConfiguration(device, "tptz:PTZConfiguration");
    });
    add("GetCompatibleConfigurations", [&device](const auto& args, const auto&) {
        checkProfile(device, args);
        return ptzConfiguration(device, "tptz:PTZConfiguration");
    });
    add("GetConfiguration", [&device, checked](const auto& args, const auto&) {
        checked(args, "PTZConfigurationToken", configuration);
        return ptzConfiguration(device, "tptz:PTZConfiguration");
    });
    add("GetConfigurationOptions", [checked](const auto& args, const auto&) {
        checked(args, "ConfigurationToken", configuration);
        return optionsElement();
    });
}

/// The operations that name a profile, each answered by an element of its own name.
class Moves {
public:
    Moves(Service& service, const Device& device) : service_(service), device_(device) {}

    void add(const std::string& name, const std::function<std::string(const net::XmlNode&)>& work) {
        service_.operations[name] = {
            Access::Users, [name, work, &device = device_](const auto& arguments, const auto&) {
                checkProfile(device, arguments);
                return xmlTag("tptz:" + name + "Response", work(arguments));
            }};
    }

private:
    Service& service_;
    const Device& device_;
};

void addMoves(Moves& moves, const Device& device, Ptz& ptz) {
    const auto now = [] { return Axis::Clock::now(); };
    moves.add("GetStatus", [&ptz](const auto&) { return status(ptz); });
    moves.add("ContinuousMove", [&ptz, &device, now](const auto& args) {
        ptz.run(requestOf(args, "Velocity", -1), now(), timeoutOf(args, device.ills));
        return std::string();
    });
    moves.add("AbsoluteMove", [&ptz, now](const auto& args) {
        ptz.goTo(requestOf(args, "Position", 0), speedOf(args), now());
        return std::string();
    });
    moves.add("RelativeMove", [&ptz, now](const auto& args) {
        ptz.goBy(requestOf(args, "Translation", -1), speedOf(args), now());
        return std::string();
    });
    moves.add("Stop", [&ptz, &device, now](const auto& args) {
        if (device.ills.has("ptz-no-stop"))
            throw SoapFault(SoapFault::Side::Receiver, "ter:ActionNotSupported",
                            "This camera cannot stop.");
        ptz.stop(wanted(args, "PanTilt"), wanted(args, "Zoom"), now());
        return std::string();
    });
}

void addPlaces(Moves& moves, Ptz& ptz) {
    const auto now = [] { return Axis::Clock::now(); };
    const auto unknown = [](bool done) {
        if (!done)
            invalid("ter:NoToken", "This camera has no preset of that token.");
        return std::string();
    };
    moves.add("GetPresets", [&ptz](const auto&) { return presetsElement(ptz); });
    moves.add("SetPreset", [&ptz, now](const auto& args) {
        const auto token =
            ptz.setPreset(args.textAt("PresetToken"), args.textAt("PresetName"), now());
        if (!token)
            invalid("ter:NoToken", "There is no such preset, or no room for another.");
        return xmlLeaf("tptz:PresetToken", *token);
    });
    moves.add("RemovePreset", [&ptz, unknown](const auto& args) {
        return unknown(ptz.removePreset(args.textAt("PresetToken")));
    });
    moves.add("GotoPreset", [&ptz, unknown, now](const auto& args) {
        return unknown(ptz.goToPreset(args.textAt("PresetToken"), speedOf(args), now()));
    });
    moves.add("SetHomePosition", [&ptz, now](const auto&) {
        ptz.setHome(now());
        return std::string();
    });
    moves.add("GotoHomePosition", [&ptz, now](const auto& args) {
        ptz.goHome(speedOf(args), now());
        return std::string();
    });
}

} // namespace

std::string ptzConfiguration(const Device& device, const char* name) {
    const auto speed =
        xmlTag("tt:PanTilt", {},
               "x=\"1\" y=\"1\" space=\"" + space("PanTilt", Unit::Speed) + "\"") +
        xmlTag("tt:Zoom", {}, "x=\"1\" space=\"" + space("Zoom", Unit::Speed) + "\"");
    return xmlTag(
        name,
        xmlLeaf("tt:Name", "Pan, tilt and zoom") +
            xmlLeaf("tt:UseCount", static_cast<int>(device.profiles.size())) +
            xmlLeaf("tt:NodeToken", node) +
            xmlLeaf("tt:DefaultAbsolutePantTiltPositionSpace", space("PanTilt", Unit::Position)) +
            xmlLeaf("tt:DefaultAbsoluteZoomPositionSpace", space("Zoom", Unit::Position)) +
            xmlLeaf("tt:DefaultRelativePanTiltTranslationSpace",
                    space("PanTilt", Unit::Translation)) +
            xmlLeaf("tt:DefaultRelativeZoomTranslationSpace", space("Zoom", Unit::Translation)) +
            xmlLeaf("tt:DefaultContinuousPanTiltVelocitySpace", space("PanTilt", Unit::Velocity)) +
            xmlLeaf("tt:DefaultContinuousZoomVelocitySpace", space("Zoom", Unit::Velocity)) +
            xmlTag("tt:DefaultPTZSpeed", speed) + xmlLeaf("tt:DefaultPTZTimeout", "PT10S") +
            xmlTag("tt:PanTiltLimits", spaceOf("tt:Range", "PanTilt", Unit::Position)) +
            xmlTag("tt:ZoomLimits", spaceOf("tt:Range", "Zoom", Unit::Position)),
        std::string("token=\"") + configuration + "\"");
}

Service ptzService(const Device& device, Ptz& ptz) {
    Service service;
    service.path = "/onvif/ptz_service";
    service.nameSpace = "http://www.onvif.org/ver20/ptz/wsdl";
    service.category = "PTZ";
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities = xmlTag("tptz:Capabilities", {},
                                  R"(EFlip="false" Reverse="false" MoveStatus="true")"
                                  R"( StatusPosition="true")");
    service.tellCapabilities("tptz");
    addDescriptions(service, device);
    Moves moves(service, device);
    addMoves(moves, device, ptz);
    addPlaces(moves, ptz);
    return service;
}

} // namespace camera
