#pragma once

#include "base/detection.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace camera {

/// One object of a frame, as the metadata stream tells of it.
struct SeenObject {
    int id = 0; ///< the same from frame to frame
    base::Detection what;
};

/// Something that happened, as the metadata stream and the event service name it.
struct SceneEvent {
    std::string topic; ///< e.g. "tns1:VideoSource/MotionAlarm"
    std::string source, sourceValue;
    std::string data, dataValue;
};

/// What happens in the drawn scene between two frames of it: a sign that crosses the middle of the
/// picture, and motion that is said to start and end every five seconds.
std::vector<SceneEvent> eventsBetween(std::uint64_t frame, std::uint64_t next, double fps,
                                      double aspect);

/// A tt:MetadataStream document (ONVIF analytics specification, "Scene description"): one frame
/// with its objects, coordinates from -1 to 1 with y upwards, and what happened.
std::string metadataDocument(std::chrono::system_clock::time_point when,
                             const std::vector<SeenObject>& objects,
                             const std::vector<SceneEvent>& events);

} // namespace camera
