#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace retry {

/// Where the buffers of a source that comes and goes lie in the time of the pipeline. Each
/// connection begins now, whatever its own clock says (a publisher's zero, a server's uptime); from
/// there its own intervals hold, so that pictures and sound stay together.
///
/// A source whose time jumps, because its publisher was started anew or its clock drifts, is put to
/// now again: by more than `ahead` sinks would wait for it, by more than `behind` throw it away.
class Timeline {
public:
    using Time = std::chrono::nanoseconds;
    static constexpr Time ahead = std::chrono::seconds(1);
    static constexpr Time behind = std::chrono::seconds(3);

    struct Place {
        Time at;
        bool jumped; ///< away from where the buffers before it were, within one connection
    };

    /// The next buffer is the first of a connection.
    void begin() { offset_.reset(); }
    /// `stamp` is what the source says of a buffer, if it does, and may be any number; `now` is not
    /// less than 0 and never goes back.
    Place place(std::optional<std::int64_t> stamp, Time now);

private:
    std::optional<std::int64_t> offset_; ///< of now to the source's time, modulo 2^64
    Time latest_{0}; ///< of all that were placed: the next connection begins after it
};

} // namespace retry
