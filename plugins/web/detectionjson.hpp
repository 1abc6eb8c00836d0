#pragma once

#include "base/detection.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace web {

/// Which frame something was found in.
struct FrameStamp {
    std::uint32_t rtp = 0;             ///< RTP timestamp, as every viewer receives it
    std::chrono::milliseconds time{0}; ///< since 1970, UTC: when it was taken, as far as is known
};

/// What was found in one frame as the JSON object that the data channel and /events carry:
///
///   {"rtp": 2147483648, "time": 1767225600000, "age": 40, "source": "yolodetect0", "objects": [
///     {"label": "person", "class": 0, "score": 0.93, "id": 7, "box": [x, y, width, height],
///      "points": [x, y, score, …], "corners": [x, y, …]}, …]}
///
/// Places are in parts of the frame, with four digits. `age` is in milliseconds; `id` is there for
/// tracked objects, `points` and `corners` where the network tells, `"drawn": true` where the box
/// is a part of the picture already and is not to be drawn once more. Masks stay out: they are
/// larger than all the rest. At most `maxBytes`: what does not fit is left out, from the end, and
/// "omitted" says how many objects that is.
std::string detectionsJson(const base::Detections& detections, const FrameStamp& stamp,
                           std::size_t maxBytes = 60000);

} // namespace web
