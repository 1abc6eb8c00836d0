#pragma once

#include "device.hpp"
#include "utctime.hpp"

#include <optional>
#include <string>
#include <vector>

namespace onvif {

/// A recording on a device (Profile G).
struct Recording {
    std::string token;
    std::string name;                   ///< of its source, or what stands for it; may be empty
    std::optional<UtcTime> from, until; ///< where the device tells it

    /// "Recording_1 (Front door, 2026-01-31T12:00:00.000Z to …)"
    std::string text() const;
};

/// All recordings of a device, at most 1000: found by its search service, else listed by its
/// recording service, which tells no times. Throws base::Error(Unsupported) where it has neither.
std::vector<Recording> findRecordings(Device& device);

/// The one of that token, or name in any case; "latest" is the one that ends last. Throws
/// base::Error(NotFound) with those that there are.
const Recording& chooseRecording(const std::vector<Recording>& recordings, const std::string& wish);

/// Where a recording is played from (GetReplayUri), repaired by the address policy.
std::string replayUri(Device& device, const Recording& recording, StreamTransport transport);

} // namespace onvif
