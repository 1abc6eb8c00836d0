#pragma once

#include "web/access.hpp"

#include <chrono>
#include <string>

namespace web {

/// What a user of whiplistensrc sets; the only place of the defaults.
struct WhipSettings {
    std::string address = "127.0.0.1";
    unsigned port = 8080; ///< 0: any free one
    std::string path;     ///< "" or "/": at the root; "phone": at /phone/
    Access access;
    std::string codecs = "VP8,H264,VP9"; ///< of video, the best first
    std::string stunServer;
    std::string turnServer; ///< a list, see IceServer; secret
    bool iceTcp = true;
    unsigned minRtpPort = 0;
    unsigned maxRtpPort = 65535;
    unsigned latency = 100;                     ///< of the jitter buffer, milliseconds
    std::chrono::seconds connectTimeout{15};    ///< from offer to connection
    std::chrono::seconds silenceTimeout{8};     ///< without a packet from the publisher
    std::chrono::milliseconds keyInterval{500}; ///< between two key frames asked for
    bool eosOnLeave = false;
};

} // namespace web
