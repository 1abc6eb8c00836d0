#pragma once

#include "base/detection.hpp"

#include <json-glib/json-glib.h>

#include <cstddef>
#include <vector>

namespace imagezmq {

/// Objects as JSON, by the names that they have on buffers: an array of
///   {"label": text, "label-id": number, "confidence": 0..1, "x", "y", "width", "height": in parts
///   of the frame, "track-id": number, 0 where it is not tracked}
/// Gives away a reference.
JsonArray* writeObjects(const std::vector<base::Detection>& objects);

constexpr std::size_t mostObjects = 1000; ///< what is over is left out

/// What a stranger wrote: entries that are no objects in the frame are left out, long labels cut.
std::vector<base::Detection> readObjects(JsonArray* array);

} // namespace imagezmq
