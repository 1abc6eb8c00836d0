#pragma once

#include "web/access.hpp"

#include <chrono>
#include <string>

namespace web {

/// What a user of whepsink sets; the only place of the defaults.
struct WhepSettings {
    std::string address = "127.0.0.1";
    unsigned port = 8080; ///< 0: any free one
    std::string path;     ///< "" or "/": at the root; "yard": at /yard/
    Access access;
    unsigned maxViewers = 32;
    int viewersPerAddress = -1; ///< see EndpointSettings
    std::string stunServer;
    std::string turnServer;       ///< a list, see IceServer; secret
    std::string advertiseAddress; ///< a list, see readAddresses()
    bool iceTcp = true;
    unsigned minRtpPort = 0;
    unsigned maxRtpPort = 65535;
    int playoutDelay = 0;                    ///< milliseconds; -1: the browser's choice
    int maxPlayoutDelay = 800;               ///< milliseconds, where packets are lost
    std::chrono::seconds connectTimeout{15}; ///< from offer to connection
    /// Without a packet from a viewer. Browsers report every second; a player made of webrtcbin
    /// that loses nothing was silent for 7.5 s at most.
    std::chrono::seconds silenceTimeout{9};
    std::chrono::milliseconds keyInterval{500}; ///< between two key frames asked for
    unsigned cacheKilobytes = 4096;             ///< one group of pictures kept for who joins
};

} // namespace web
