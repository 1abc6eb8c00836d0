#include "ptz.hpp"

#include "xmlvalue.hpp"

#include <algorithm>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

constexpr Range whole{-1, 1}, upwards{0, 1};

/// A value of a generic space in the coordinates of `space`.
double inSpace(double value, const Range& generic, const PtzSpace& space, const Range& range) {
    value = std::clamp(value, generic.low, generic.high);
    if (range.low >= range.high)
        return value;
    if (space.generic())
        return std::clamp(value, range.low, range.high);
    const double part = (value - generic.low) / (generic.high - generic.low);
    return range.low + part * (range.high - range.low);
}

std::string spaceAttribute(const PtzSpace& space) {
    return space.generic() ? "" : " space=\"" + net::xmlEscape(space.uri) + "\"";
}

std::string schemaElement(const std::string& name, const std::string& attributes) {
    return "<" + name + attributes + " xmlns=\"" + wsdl::schema + "\"/>";
}

std::string panTilt(const PtzVector& v, const std::vector<PtzSpace>& spaces) {
    const PtzSpace space = preferredSpace(spaces);
    return schemaElement(
        "PanTilt", " x=\"" + decimalText(inSpace(v.pan.value_or(0), whole, space, space.x)) +
                       "\" y=\"" + decimalText(inSpace(v.tilt.value_or(0), whole, space, space.y)) +
                       "\"" + spaceAttribute(space));
}

std::string zoom(double value, const Range& generic, const std::vector<PtzSpace>& spaces) {
    const PtzSpace space = preferredSpace(spaces);
    return schemaElement("Zoom", " x=\"" + decimalText(inSpace(value, generic, space, space.x)) +
                                     "\"" + spaceAttribute(space));
}

[[noreturn]] void cannot(const char* what) {
    throw Error(ErrorKind::Unsupported, "The camera cannot " + std::string(what) +
                                            " in this way; ask for its capabilities.");
}

/// Both axes of a movement, of what the device has. What it lacks may stand still.
std::string vectorText(const PtzVector& v, const std::vector<PtzSpace>& panTiltSpaces,
                       const std::vector<PtzSpace>& zoomSpaces, const Range& zoomRange,
                       bool known) {
    std::string text;
    if (v.pan || v.tilt) {
        if (!known || !panTiltSpaces.empty())
            text += panTilt(v, panTiltSpaces);
        else if (v.pan.value_or(0) != 0 || v.tilt.value_or(0) != 0)
            cannot("pan and tilt");
    }
    if (v.zoom) {
        if (!known || !zoomSpaces.empty())
            text += zoom(*v.zoom, zoomRange, zoomSpaces);
        else if (*v.zoom != 0)
            cannot("zoom");
    }
    if (text.empty())
        cannot("move");
    return text;
}

std::string speedText(const std::optional<double>& speed) {
    if (!speed)
        return {};
    const std::string value = decimalText(std::clamp(*speed, 0.0, 1.0));
    return "<Speed>" + schemaElement("PanTilt", " x=\"" + value + "\" y=\"" + value + "\"") +
           schemaElement("Zoom", " x=\"" + value + "\"") + "</Speed>";
}

std::string element(const std::string& name, const std::string& text) {
    return "<" + name + ">" + net::xmlEscape(text) + "</" + name + ">";
}

} // namespace

SoapReply Ptz::call(const std::string& operation, const std::string& content) {
    return device_.call({wsdl::ptz, operation, element("ProfileToken", profile_.token) + content});
}

/// What it has in the way of spaces and durations. Nothing of it is needed by a device that keeps
/// to the standard, so none is missed.
void Ptz::readOptions() {
    optionsRead_ = true;
    if (profile_.ptzConfiguration.empty())
        return;
    try {
        const auto reply = device_.call({wsdl::ptz, "GetConfigurationOptions",
                                         element("ConfigurationToken", profile_.ptzConfiguration)});
        const auto options = reply.response.child("PTZConfigurationOptions");
        if (!options)
            return;
        if (const auto list = options->child("Spaces"))
            capabilities_.spaces = readPtzSpaces(*list);
        capabilities_.shortestTimeout = readDuration(lineAt(*options, "PTZTimeout/Min"));
        capabilities_.longestTimeout = readDuration(lineAt(*options, "PTZTimeout/Max"));
    } catch (const SoapFault&) {
        // Also one that says that this user may not ask: he may steer all the same.
    } catch (const Error& error) {
        if (!notUnderstood(error))
            throw;
    }
}

void Ptz::readNode() {
    nodeRead_ = true;
    const auto reply = device_.call({wsdl::ptz, "GetNodes", ""});
    const auto nodes = reply.response.children("PTZNode");
    auto node = std::find_if(nodes.begin(), nodes.end(), [&](const net::XmlNode& n) {
        return n.attribute("token") == profile_.ptzNode;
    });
    if (node == nodes.end())
        node = nodes.begin();
    if (node == nodes.end())
        return;
    capabilities_.home = readBoolean(lineAt(*node, "HomeSupported")).value_or(false);
    capabilities_.presets = static_cast<int>(
        std::clamp(readDecimal(lineAt(*node, "MaximumNumberOfPresets")).value_or(0), 0.0, 1e6));
    if (const auto list = node->child("SupportedPTZSpaces"); list && !capabilities_.spaces.known)
        capabilities_.spaces = readPtzSpaces(*list);
}

const PtzSpaces& Ptz::spaces() {
    if (!optionsRead_)
        readOptions();
    return capabilities_.spaces;
}

const PtzCapabilities& Ptz::capabilities() {
    spaces();
    if (!nodeRead_)
        readNode();
    return capabilities_;
}

bool Ptz::move(const PtzVector& speed, milliseconds duration) {
    const PtzSpaces& has = spaces();
    const std::string velocity =
        "<Velocity>" +
        vectorText(speed, has.continuousPanTilt, has.continuousZoom, whole, has.known) +
        "</Velocity>";
    if (duration <= milliseconds(0)) {
        call("ContinuousMove", velocity);
        return true;
    }
    const milliseconds shortest = capabilities_.shortestTimeout.value_or(duration);
    const milliseconds longest = capabilities_.longestTimeout.value_or(duration);
    const milliseconds allowed = std::min(std::max(duration, shortest), longest);
    try {
        call("ContinuousMove", velocity + "<Timeout>" + durationText(allowed) + "</Timeout>");
        return allowed <= duration;
    } catch (const Error& error) {
        // After silence the head may be moving: another question would only delay its stop.
        if (!notUnderstood(error) || error.kind() == ErrorKind::Unreachable)
            throw;
        call("ContinuousMove", velocity);
        return false;
    }
}

/// Pan and tilt go together in the protocol: the one that stays is where it is.
PtzVector Ptz::completed(const PtzVector& position) {
    PtzVector whole = position;
    if (position.pan.has_value() != position.tilt.has_value()) {
        const PtzVector now = status().position;
        if (!now.pan || !now.tilt)
            throw Error(ErrorKind::Unsupported,
                        "The camera does not tell where it looks: give both pan and tilt.");
        whole.pan = position.pan ? position.pan : now.pan;
        whole.tilt = position.tilt ? position.tilt : now.tilt;
    }
    return whole;
}

void Ptz::moveTo(const PtzVector& position, std::optional<double> speed) {
    const PtzSpaces& has = spaces();
    call("AbsoluteMove", "<Position>" +
                             vectorText(completed(position), has.absolutePanTilt, has.absoluteZoom,
                                        upwards, has.known) +
                             "</Position>" + speedText(speed));
}

void Ptz::moveBy(const PtzVector& distance, std::optional<double> speed) {
    const PtzSpaces& has = spaces();
    call("RelativeMove",
         "<Translation>" +
             vectorText(distance, has.relativePanTilt, has.relativeZoom, whole, has.known) +
             "</Translation>" + speedText(speed));
}

void Ptz::stop() {
    try {
        call("Stop", "<PanTilt>true</PanTilt><Zoom>true</Zoom>");
    } catch (const Error& error) {
        if (!notUnderstood(error))
            throw;
        move({0.0, 0.0, 0.0}, milliseconds(0));
    }
}

std::vector<PtzPreset> Ptz::presets() {
    return readPtzPresets(call("GetPresets").response, spaces());
}

std::string Ptz::presetToken(const std::string& wish) {
    const auto all = presets();
    for (const PtzPreset& preset : all)
        if (preset.token == wish)
            return preset.token;
    for (const PtzPreset& preset : all)
        if (sameWord(preset.name, wish))
            return preset.token;
    std::string list;
    for (const PtzPreset& preset : all)
        if (list.size() < 400)
            list += (list.empty() ? "" : ", ") + (preset.name.empty() ? preset.token : preset.name);
    throw Error(ErrorKind::NotFound,
                "The camera has no preset '" + wish + "'; " +
                    (list.empty() ? "it has none yet." : "it has: " + list + "."));
}

void Ptz::goToPreset(const std::string& preset, std::optional<double> speed) {
    call("GotoPreset", element("PresetToken", presetToken(preset)) + speedText(speed));
}

std::string Ptz::setPreset(const std::string& name, const std::string& replaced) {
    const std::string token = replaced.empty() ? "" : presetToken(replaced);
    const auto reply = call("SetPreset", (name.empty() ? "" : element("PresetName", name)) +
                                             (token.empty() ? "" : element("PresetToken", token)));
    const std::string made = lineAt(reply.response, "PresetToken");
    return made.empty() ? token : made;
}

void Ptz::removePreset(const std::string& preset) {
    call("RemovePreset", element("PresetToken", presetToken(preset)));
}

void Ptz::goHome(std::optional<double> speed) { call("GotoHomePosition", speedText(speed)); }

void Ptz::setHome() { call("SetHomePosition"); }

PtzStatus Ptz::status() { return readPtzStatus(call("GetStatus").response, spaces()); }

} // namespace onvif
