#pragma once

#include "device.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace onvif {

/// Where to, how far, or how fast; an axis without a value is left alone. In ONVIF's generic
/// spaces, which mean the same on every camera (PTZ Service Specification, section 5.7):
/// - a position: pan -1 (left) .. 1, tilt -1 (down) .. 1, zoom 0 (wide) .. 1 (tele);
/// - a distance or a speed: -1 .. 1 on each axis, where 1 is all there is.
/// What is out of range is clamped. A camera that has spaces of its own only is spoken to in these,
/// scaled.
struct PtzVector {
    std::optional<double> pan, tilt, zoom;
};

struct Range {
    double low = 0, high = 0;
};

/// One coordinate system of one movement.
struct PtzSpace {
    std::string uri;
    Range x, y; ///< y of pan-tilt spaces only

    bool generic() const;
};

/// What can be moved and how; an empty list says that it cannot.
struct PtzSpaces {
    std::vector<PtzSpace> absolutePanTilt, absoluteZoom, relativePanTilt, relativeZoom,
        continuousPanTilt, continuousZoom;
    bool known = false; ///< otherwise the device told nothing, and everything is tried
};

/// What a camera's head can do.
struct PtzCapabilities {
    PtzSpaces spaces;
    std::optional<std::chrono::milliseconds> shortestTimeout, longestTimeout; ///< of a move
    int presets = 0;                                                          ///< how many it keeps
    bool home = false;
};

struct PtzPreset {
    std::string token, name;
    PtzVector position;
};

struct PtzStatus {
    PtzVector position;
    bool moving = false;
    std::string panTilt, zoom; ///< "IDLE", "MOVING", "UNKNOWN", or empty
};

/// The generic one, which the device's own default nearly always is, else its first.
PtzSpace preferredSpace(const std::vector<PtzSpace>& spaces);

PtzSpaces readPtzSpaces(const net::XmlNode& list); ///< of a node or of configuration options
// Positions that are told in a space of the device's own are scaled to the generic ones; without a
// value where that space is not in `spaces`.
std::vector<PtzPreset> readPtzPresets(const net::XmlNode& response, const PtzSpaces& spaces = {});
PtzStatus readPtzStatus(const net::XmlNode& response, const PtzSpaces& spaces = {});

/// Steers the head of a camera through one media profile. Every call is one or a few exchanges with
/// the device and throws what `Device` throws; base::Error(Unsupported) where there is nothing to
/// move.
class Ptz {
public:
    Ptz(Device& device, const Profile& profile) : device_(device), profile_(profile) {}

    const PtzCapabilities& capabilities();

    /// Goes on at this speed until `stop`, or for `duration`, which is bounded to what the device
    /// allows; zero leaves it to the device. False: the device takes no duration that short, or
    /// none at all (quirk P1), and has to be stopped by the caller.
    bool move(const PtzVector& speed, std::chrono::milliseconds duration);
    /// `speed` 0..1, or nothing for the device's own.
    void moveTo(const PtzVector& position, std::optional<double> speed = {});
    void moveBy(const PtzVector& distance, std::optional<double> speed = {});
    /// Where Stop is not implemented, by a speed of zero (quirk P1).
    void stop();

    std::vector<PtzPreset> presets();
    /// By token or by name in any case. Throws base::Error(NotFound) with those that there are.
    void goToPreset(const std::string& preset, std::optional<double> speed = {});
    /// Keeps where it looks now, under a new preset or in place of the one of that token or name.
    /// Returns the token.
    std::string setPreset(const std::string& name, const std::string& replaced = {});
    void removePreset(const std::string& preset);

    void goHome(std::optional<double> speed = {});
    void setHome();
    PtzStatus status();

private:
    const PtzSpaces& spaces();
    void readOptions();
    void readNode();
    SoapReply call(const std::string& operation, const std::string& content = {});
    std::string presetToken(const std::string& preset);
    PtzVector completed(const PtzVector& position);

    Device& device_;
    const Profile profile_;
    PtzCapabilities capabilities_;
    bool optionsRead_ = false, nodeRead_ = false;
};

/// The profile to steer through: `chosen` where it has a PTZ configuration, else one that shows the
/// same video source and has, else any that has, else `chosen`.
const Profile& ptzProfile(const std::vector<Profile>& profiles, const Profile& chosen);

} // namespace onvif
