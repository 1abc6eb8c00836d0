#pragma once

#include "support/gstlivesrc.hpp"
#include "support/metadatastream.hpp"

#include <functional>
#include <memory>

namespace camera {

/// What is seen on one frame, and what has happened since an earlier one.
struct MetadataSource {
    int fps = 25;
    GstClockTime epoch = 0; ///< frame n is due at `epoch` + n / fps of the system clock
    std::function<std::vector<SeenObject>(std::uint64_t frame)> objects;
    std::function<std::vector<SceneEvent>(std::uint64_t frame, std::uint64_t next)> events;
};

/// Five documents a second (or one a frame, where there are fewer), each due in the moment of the
/// frame that it describes. With `gzip` they come compressed.
std::unique_ptr<Producer> metadataProducer(MetadataSource source, bool gzip);

} // namespace camera
