#include "ptz.hpp"
#include "xmlvalue.hpp"

#include <algorithm>

namespace onvif {

namespace {

constexpr std::size_t maxPresets = 1000, maxSpaces = 16;

Range readRange(const net::XmlNode& space, const std::string& name) {
    const auto low = readDecimal(lineAt(space, name + "/Min")),
               high = readDecimal(lineAt(space, name + "/Max"));
    return low && high && *low < *high ? Range{*low, *high} : Range{};
}

std::vector<PtzSpace> readSpaces(const net::XmlNode& list, const char* name) {
    std::vector<PtzSpace> spaces;
    for (const auto& node : list.children(name))
        if (spaces.size() < maxSpaces)
            spaces.push_back(
                {lineAt(node, "URI"), readRange(node, "XRange"), readRange(node, "YRange")});
    return spaces;
}

/// The space that a position is told in: the one it names, else the one we would speak.
std::optional<PtzSpace> spaceOf(const net::XmlNode& node, const std::vector<PtzSpace>& spaces) {
    const std::string uri = lineOf(node, "space");
    if (uri.empty())
        return preferredSpace(spaces);
    if (PtzSpace named{uri, {}, {}}; named.generic())
        return named;
    const auto known = std::find_if(spaces.begin(), spaces.end(),
                                    [&](const PtzSpace& space) { return space.uri == uri; });
    return known == spaces.end() ? std::nullopt : std::optional(*known);
}

/// A value in coordinates of the device's own, `range`, in the generic ones.
std::optional<double> inGeneric(const std::optional<double>& value, const Range& range,
                                const Range& generic) {
    if (!value || range.low >= range.high)
        return value;
    const double part = std::clamp((*value - range.low) / (range.high - range.low), 0.0, 1.0);
    return generic.low + part * (generic.high - generic.low);
}

std::optional<double> coordinate(const net::XmlNode& node, const char* attribute,
                                 const std::optional<PtzSpace>& space, Range PtzSpace::*axis,
                                 const Range& generic) {
    if (!space)
        return std::nullopt;
    const auto value = readDecimal(lineOf(node, attribute));
    return space->generic() ? value : inGeneric(value, *space.*axis, generic);
}

PtzVector readPosition(const std::optional<net::XmlNode>& position, const PtzSpaces& spaces) {
    PtzVector read;
    if (!position)
        return read;
    if (const auto node = position->child("PanTilt")) {
        const auto space = spaceOf(*node, spaces.absolutePanTilt);
        read.pan = coordinate(*node, "x", space, &PtzSpace::x, {-1, 1});
        read.tilt = coordinate(*node, "y", space, &PtzSpace::y, {-1, 1});
    }
    if (const auto node = position->child("Zoom"))
        read.zoom =
            coordinate(*node, "x", spaceOf(*node, spaces.absoluteZoom), &PtzSpace::x, {0, 1});
    return read;
}

} // namespace

bool PtzSpace::generic() const { return uri.find("Generic") != std::string::npos; }

PtzSpace preferredSpace(const std::vector<PtzSpace>& spaces) {
    const auto generic =
        std::find_if(spaces.begin(), spaces.end(), [](const PtzSpace& s) { return s.generic(); });
    if (generic != spaces.end())
        return *generic;
    return spaces.empty() ? PtzSpace{"Generic", {}, {}} : spaces.front();
}

PtzSpaces readPtzSpaces(const net::XmlNode& list) {
    PtzSpaces spaces{readSpaces(list, "AbsolutePanTiltPositionSpace"),
                     readSpaces(list, "AbsoluteZoomPositionSpace"),
                     readSpaces(list, "RelativePanTiltTranslationSpace"),
                     readSpaces(list, "RelativeZoomTranslationSpace"),
                     readSpaces(list, "ContinuousPanTiltVelocitySpace"),
                     readSpaces(list, "ContinuousZoomVelocitySpace")};
    // Some list nothing at all and move all the same.
    spaces.known = !list.children().empty();
    return spaces;
}

std::vector<PtzPreset> readPtzPresets(const net::XmlNode& response, const PtzSpaces& spaces) {
    std::vector<PtzPreset> presets;
    for (const auto& node : response.children("Preset")) {
        PtzPreset preset{lineOf(node, "token"), lineAt(node, "Name"),
                         readPosition(node.child("PTZPosition"), spaces)};
        if (!preset.token.empty() && presets.size() < maxPresets)
            presets.push_back(std::move(preset));
    }
    return presets;
}

PtzStatus readPtzStatus(const net::XmlNode& response, const PtzSpaces& spaces) {
    PtzStatus status;
    const auto node = response.child("PTZStatus");
    if (!node)
        return status;
    status.position = readPosition(node->child("Position"), spaces);
    status.panTilt = lineAt(*node, "MoveStatus/PanTilt");
    status.zoom = lineAt(*node, "MoveStatus/Zoom");
    status.moving = status.panTilt == "MOVING" || status.zoom == "MOVING";
    return status;
}

const Profile& ptzProfile(const std::vector<Profile>& profiles, const Profile& chosen) {
    if (!chosen.ptzConfiguration.empty())
        return chosen;
    const auto find = [&](auto fits) {
        return std::find_if(profiles.begin(), profiles.end(), [&](const Profile& p) {
            return !p.ptzConfiguration.empty() && fits(p);
        });
    };
    auto best = find([&](const Profile& p) { return p.videoSource == chosen.videoSource; });
    if (best == profiles.end())
        best = find([](const Profile&) { return true; });
    return best == profiles.end() ? chosen : *best;
}

} // namespace onvif
