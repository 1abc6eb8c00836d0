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

std::optional<double> coordinate(const net::XmlNode& position, const char* element,
                                 const char* attribute) {
    const auto node = position.child(element);
    return node ? readDecimal(lineOf(*node, attribute)) : std::nullopt;
}

PtzVector readPosition(const std::optional<net::XmlNode>& position) {
    if (!position)
        return {};
    return {coordinate(*position, "PanTilt", "x"), coordinate(*position, "PanTilt", "y"),
            coordinate(*position, "Zoom", "x")};
}

} // namespace

bool PtzSpace::generic() const { return uri.find("Generic") != std::string::npos; }

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

std::vector<PtzPreset> readPtzPresets(const net::XmlNode& response) {
    std::vector<PtzPreset> presets;
    for (const auto& node : response.children("Preset")) {
        PtzPreset preset{lineOf(node, "token"), lineAt(node, "Name"),
                         readPosition(node.child("PTZPosition"))};
        if (!preset.token.empty() && presets.size() < maxPresets)
            presets.push_back(std::move(preset));
    }
    return presets;
}

PtzStatus readPtzStatus(const net::XmlNode& response) {
    PtzStatus status;
    const auto node = response.child("PTZStatus");
    if (!node)
        return status;
    status.position = readPosition(node->child("Position"));
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
