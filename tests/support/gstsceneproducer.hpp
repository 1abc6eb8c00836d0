#pragma once

#include "support/gstlivesrc.hpp"
#include "support/scenebackground.hpp"

#include <memory>
#include <string>

namespace camera {

/// The drawn scene as I420. Frame n is due at `epoch` + n / fps of the system clock: all producers
/// with the same epoch show the same frame at the same time. Frames that cannot be made in time are
/// skipped.
std::unique_ptr<Producer> sceneProducer(std::string name,
                                        std::shared_ptr<const SceneBackground> background, int fps,
                                        GstClockTime epoch);

} // namespace camera
