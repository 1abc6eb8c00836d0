#pragma once

#include "support/axis.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace camera {

/// Where a camera looks, in the generic spaces of the PTZ specification: pan and tilt from -1 to 1,
/// zoom from 0 to 1. As a velocity or a way, each from -1 to 1.
struct PtzVector {
    double pan = 0, tilt = 0, zoom = 0;
};

/// Which of them a request names.
struct PtzRequest {
    std::optional<double> pan, tilt, zoom;
};

struct PtzPreset {
    std::string name;
    PtzVector position;
};

/// The motors of the camera. Any thread may use it.
class Ptz {
public:
    using Time = Axis::Time;
    static constexpr std::size_t mostPresets = 64;

    /// Moves what the request names, until `timeout` has passed or a limit is reached.
    void run(const PtzRequest& velocity, Time now, Axis::Clock::duration timeout);
    void goTo(const PtzRequest& position, const PtzVector& speed, Time now);
    void goBy(const PtzRequest& way, const PtzVector& speed, Time now);
    void stop(bool panTilt, bool zoom, Time now);

    PtzVector position(Time now) const;
    bool panTiltMoves(Time now) const;
    bool zoomMoves(Time now) const;

    std::map<std::string, PtzPreset> presets() const;
    /// Keeps where it looks now; an empty token makes a new one. Returns the token, or nothing for
    /// an unknown one and when there is no room for more.
    std::optional<std::string> setPreset(const std::string& token, const std::string& name,
                                         Time now);
    bool removePreset(const std::string& token);
    bool goToPreset(const std::string& token, const PtzVector& speed, Time now);
    void setHome(Time now);
    void goHome(const PtzVector& speed, Time now);

private:
    void goToPlace(const PtzVector& position, const PtzVector& speed, Time now);
    PtzVector where(Time now) const;

    mutable std::mutex mutex_;
    // From one end to the other in four seconds; the zoom in two.
    Axis pan_{-1, 1, 0, 0.5}, tilt_{-1, 1, 0, 0.5}, zoom_{0, 1, 0, 0.5};
    PtzVector home_;
    std::map<std::string, PtzPreset> presets_{{"preset1", {"Left", {-0.5, 0, 0}}},
                                              {"preset2", {"Close", {0, 0, 0.5}}}};
    unsigned nextPreset_ = 3;
};

} // namespace camera
