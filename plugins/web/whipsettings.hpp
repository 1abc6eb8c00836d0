#pragma once

#include "web/rtcsettings.hpp"

namespace web {

/// What a user of whiplistensrc sets; the only place of the defaults.
struct WhipSettings : RtcSettings {
    WhipSettings() { silenceTimeout = std::chrono::seconds(8); }

    std::string codecs = "VP8,H264,VP9"; ///< of video, the best first
    /// Of the jitter buffer, milliseconds. At 5 % loss and 50 ms of round trip every packet is sent
    /// again within 200; within 100, a frame in five was missing and the next key frame awaited.
    unsigned latency = 200;
    bool eosOnLeave = false;
};

} // namespace web
