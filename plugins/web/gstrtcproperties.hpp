#pragma once

#include "glue/serving.hpp"
#include "web/gstaccess.hpp"
#include "web/rtcsettings.hpp"

#include <gst/webrtc/webrtc.h>

namespace web {

/// The rows of a property table for the RtcSettings that S is, but for its path.
template <class S>
glue::PropertyTable<S> rtcProperties() {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    return glue::joined<S>(
        {
            glue::listenAddress<S>(),
            glue::text<S>("stun-server",
                          "STUN server (stun://host:port) for peers that come in from outside of "
                          "the network",
                          &S::stunServer),
            glue::secret<S>("turn-server",
                            "TURN servers (turn://name:password@host:port?transport=udp, separated "
                            "by commas) for peers whose network lets nothing else through; who may "
                            "come in is told the password",
                            &S::turnServer),
            glue::secret<S>("turn-secret",
                            "Secret shared with the TURN servers (coturn: static-auth-secret): who "
                            "comes in is told a login of a day for those in turn-server that "
                            "have none (turn://host:port), and never the secret",
                            &S::turnSecret),
            glue::choice<S, IcePolicy>(
                "ice-transport-policy",
                "Which ways media may go: all, or by the TURN servers alone (relay)", &S::icePolicy,
                GST_TYPE_WEBRTC_ICE_TRANSPORT_POLICY),
            glue::text<S>("advertise-address",
                          "IP addresses (separated by commas) by which peers reach this machine "
                          "though it does not have them itself: of the router or container host "
                          "that passes the ports from min-rtp-port to max-rtp-port on",
                          &S::advertiseAddress),
            glue::toggle<S>("ice-tcp", "Also offer TCP to peers whose network blocks UDP",
                            &S::iceTcp),
            glue::number<S, unsigned>("min-rtp-port", "Lowest UDP and TCP port for media (0 = any)",
                                      &S::minRtpPort, 0, 65535),
            glue::number<S, unsigned>("max-rtp-port", "Highest UDP and TCP port for media",
                                      &S::maxRtpPort, 0, 65535),
            glue::duration<S, seconds>("connect-timeout",
                                       "Seconds that a peer has to connect after its offer",
                                       &S::connectTimeout, seconds(1), seconds(300)),
            glue::duration<S, seconds>(
                "silence-timeout",
                "Seconds without a sign of life after which a peer is taken for gone (0 = never)",
                &S::silenceTimeout, seconds(0), seconds(3600)),
            glue::duration<S, milliseconds>(
                "key-interval", "Least number of milliseconds between two requests for a key frame",
                &S::keyInterval, milliseconds(0), milliseconds(60000)),
        },
        accessProperties<S>(&S::access));
}

} // namespace web
