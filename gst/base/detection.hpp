#pragma once

#include "base/rect.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace base {

/// One object that was found in a frame.
struct Detection {
    Rect box;
    float score = 0; ///< 0..1
    int classId = -1;
    std::string label;
    std::int64_t trackId = 0; ///< 0: not tracked
};

/// All that was found in one frame; `objects` may be empty, which says "looked, and nothing there".
struct Detections {
    std::vector<Detection> objects;
    /// How much older than this frame is the one that the network saw; 0 when it saw this frame.
    std::chrono::nanoseconds age{0};
    /// Name of the element that found them, so that two detectors in one pipeline stay apart.
    std::string source;
};

} // namespace base
