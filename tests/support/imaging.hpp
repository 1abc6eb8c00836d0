#pragma once

#include "support/axis.hpp"

#include <mutex>
#include <string>

namespace camera {

/// What the imaging service may change of the picture. Levels run from 0 to 100.
struct ImagingSettings {
    double brightness = 50, contrast = 50, saturation = 50, sharpness = 50;
    std::string irCutFilter = "AUTO"; ///< ON, OFF or AUTO
    std::string autoFocus = "AUTO";   ///< AUTO or MANUAL
};

/// The sensor and lens of the camera. Any thread may use it.
class Imaging {
public:
    ImagingSettings settings() const;
    void set(const ImagingSettings& settings);

    /// Focus, 0 (near) to 1 (far).
    void focusTo(double position, double speed, Axis::Time now);
    void focusBy(double way, double speed, Axis::Time now);
    void focusRun(double speed, Axis::Time now);
    void focusStop(Axis::Time now);
    double focus(Axis::Time now) const;
    bool focusMoves(Axis::Time now) const;

private:
    mutable std::mutex mutex_;
    ImagingSettings settings_;
    Axis focus_{0, 1, 0.5, 0.5};
};

} // namespace camera
