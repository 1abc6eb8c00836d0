#pragma once

#include "web/rtcsettings.hpp"

namespace web {

/// What a user of whiplistensrc sets; the only place of the defaults.
struct WhipSettings : RtcSettings {
    WhipSettings() { silenceTimeout = std::chrono::seconds(8); }

    std::string codecs = "VP8,H264,VP9"; ///< of video, the best first
    unsigned latency = 100;              ///< of the jitter buffer, milliseconds
    bool eosOnLeave = false;
};

} // namespace web
