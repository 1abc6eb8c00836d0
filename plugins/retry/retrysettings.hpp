#pragma once

#include <chrono>
#include <string>

namespace retry {

/// What a user sets on retrysink or retrysrc.
struct RetrySettings {
    std::string branch; ///< what is run, in gst-launch's words; may hold an address with a password
    std::chrono::milliseconds minDelay{500};   ///< before the first new try
    std::chrono::milliseconds maxDelay{30000}; ///< before any
    /// A branch that has taken or brought nothing for so long is taken for dead; 0 is never.
    std::chrono::milliseconds stallTimeout{10000};
    /// How long a sink has to write its end when the stream ends or the element stops.
    std::chrono::milliseconds endTimeout{2000};
    std::chrono::milliseconds latency{0}; ///< of a source, that sinks which show it allow for
    unsigned maxBuffers = 500; ///< of each stream that wait before it goes on at the next key frame
};

} // namespace retry
