#pragma once

#include <chrono>
#include <string>

namespace retry {

/// What a user sets on retrysink.
struct RetrySettings {
    std::string branch; ///< what is run, in gst-launch's words; may hold an address with a password
    std::chrono::milliseconds minDelay{500};   ///< before the first new try
    std::chrono::milliseconds maxDelay{30000}; ///< before any
    /// A branch that has taken nothing for so long is taken for dead; 0 is never.
    std::chrono::milliseconds stallTimeout{10000};
    /// How long it has to write its end when the stream ends or the element stops.
    std::chrono::milliseconds endTimeout{2000};
    unsigned maxBuffers = 500; ///< of each input that wait before it goes on at the next key frame
};

} // namespace retry
