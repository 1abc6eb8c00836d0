#pragma once

#include <string>

namespace rtspserve {

/// What a user sets on rtspserversink.
struct ServeSettings {
    std::string address = "127.0.0.1"; ///< IPv4 or IPv6 in numbers
    unsigned port = 8554;              ///< 0 takes any free one
    std::string path = "stream";       ///< rtsp://address:port/PATH
    std::string userId, userPw;        ///< empty user: everybody may watch
    unsigned maxClients = 64;          ///< of this stream
    bool udp = true, multicast = false, tcp = true;
};

} // namespace rtspserve
