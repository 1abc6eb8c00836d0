#pragma once

#include "web/rtcsettings.hpp"

namespace web {

/// What a user of whepsink sets; the only place of the defaults.
struct WhepSettings : RtcSettings {
    unsigned maxViewers = 32;
    int viewersPerAddress = -1;     ///< see EndpointSettings
    int playoutDelay = 0;           ///< milliseconds; -1: the browser's choice
    int maxPlayoutDelay = 800;      ///< milliseconds, where packets are lost
    unsigned cacheKilobytes = 4096; ///< one group of pictures kept for who joins
};

} // namespace web
