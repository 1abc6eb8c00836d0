#pragma once

#include "metadata.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace onvif {

/// What the camera saw lately, to be looked up by the time of a picture. Metadata comes before or
/// after the picture that it belongs to, as cameras like.
class MetadataShelf {
public:
    using Time = std::chrono::nanoseconds; ///< running time of the stream

    /// Keeps the frames of a document that began at `start`; the oldest of over 256 go.
    void put(const Metadata& metadata, Time start);

    /// The latest frame at or before `time` (10 ms after it is still the same moment) that is not
    /// older than `maxAge`; `age` says how much older it is. Nothing: the camera said nothing
    /// lately.
    std::optional<base::Detections> at(Time time, Time maxAge) const;

    void clear() { frames_.clear(); }

private:
    struct Entry {
        Time time;
        std::vector<base::Detection> objects;
    };
    std::deque<Entry> frames_; ///< by time
};

} // namespace onvif
