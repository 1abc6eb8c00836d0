#pragma once

#include "base/detection.hpp"
#include "event.hpp"
#include "utctime.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onvif {

/// What the camera's analytics saw at one moment.
struct MetadataFrame {
    std::optional<UtcTime> time;
    std::vector<base::Detection> objects; ///< boxes in parts of the picture, ObjectId as trackId
};

/// A tt:MetadataStream that was read.
struct Metadata {
    std::vector<MetadataFrame> frames; ///< in the order of the document
    std::vector<Event> events;

    /// How long after the document's first moment `time` was, 0 to 10 s: a document has one time in
    /// the stream and may tell of several moments.
    std::chrono::nanoseconds after(const std::optional<UtcTime>& time) const;
};

/// Reads a metadata document: by local names, bounded (256 frames, 1024 objects and 1024 events in
/// all), skipping what makes no sense. ONVIF counts from -1 to 1, y upwards, after the frame's (and
/// the object's) tt:Transformation; objects without a box are left out, as are the figures of
/// boxes that are not finite. Throws base::Error(BadData) for what is no XML or no metadata.
Metadata readMetadata(std::string_view text);

} // namespace onvif
