#pragma once

#include "base/error.hpp"
#include "web/access.hpp"

#include <chrono>
#include <string>

namespace web {

/// As GstWebRTCICETransportPolicy has them.
enum class IcePolicy { All, Relay };

/// What is set for WebRTC, whichever way the media go; the only place of the defaults.
struct RtcSettings {
    std::string address = "127.0.0.1";
    unsigned port = 8080; ///< 0: any free one
    std::string path;     ///< "" or "/": at the root; "yard": at /yard/
    Access access;
    std::string stunServer;
    std::string turnServer;       ///< a list, see IceServer; secret
    std::string turnSecret;       ///< shared with the TURN servers; see IceServer::turns()
    std::string advertiseAddress; ///< a list, see readAddresses()
    IcePolicy icePolicy = IcePolicy::All;
    bool iceTcp = true;
    unsigned minRtpPort = 0;
    unsigned maxRtpPort = 65535;
    std::chrono::seconds connectTimeout{15}; ///< from offer to connection
    /// Without a packet from the peer. Browsers report every second; a player made of webrtcbin
    /// that loses nothing was silent for 7.5 s at most.
    std::chrono::seconds silenceTimeout{9};
    std::chrono::milliseconds keyInterval{500}; ///< between two key frames asked for

    /// Throws base::Error (Settings) where they contradict each other.
    void check() const {
        if (minRtpPort > maxRtpPort)
            throw base::Error(base::ErrorKind::Settings, "min-rtp-port is above max-rtp-port.");
    }
};

} // namespace web
