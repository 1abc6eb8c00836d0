#pragma once

#include "base/rect.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace base {

/// A place in parts of the frame.
struct Point {
    double x = 0, y = 0;
};

/// A joint or landmark of an object.
struct KeyPoint {
    Point at;
    float score = 1; ///< how sure it is to be seen, 0..1
};

/// Which pixels of a box belong to the object: `width` x `height` values over the box, row by row
/// from the top left, 0 (not) to 255.
struct Mask {
    int width = 0, height = 0;
    std::vector<std::uint8_t> cover;
};

/// One object that was found in a frame.
struct Detection {
    Rect box;
    float score = 0; ///< 0..1
    int classId = -1;
    std::string label;
    std::int64_t trackId = 0; ///< 0: not tracked
    /// In the order that the network has them; COCO's persons have 17, the nose first. Empty: the
    /// network finds none.
    std::vector<KeyPoint> keyPoints{};
    /// Of a box that is turned, around the object from its first corner; `box` is the upright one
    /// around them. Empty or four.
    std::vector<Point> corners{};
    std::shared_ptr<const Mask> mask{}; ///< shared by copies; nothing where there is none
    bool drawn = false;                 ///< its box or its name is a part of the picture already
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
