#include "web/gstwhepproperties.hpp"

#include "glue/serving.hpp"
#include "web/gstaccess.hpp"

namespace web {

const glue::PropertyTable<WhepSettings>& whepProperties() {
    using S = WhepSettings;
    using glue::mutableReady;
    static const auto table = glue::joined<S>(
        {
            glue::listenAddress<S>(),
            glue::text(
                "path",
                "Name of the stream in addresses: \"yard\" puts the page at /yard/ and the WHEP "
                "endpoint at /yard/whep; without one they are at / and /whep",
                &S::path),
            glue::number("max-viewers", "How many may watch at the same time", &S::maxViewers, 1,
                         10000),
            glue::number("max-viewers-per-address",
                         "How many may watch from one address at the same time (-1 = 16 from the "
                         "network and any number from this machine, 0 = any number)",
                         &S::viewersPerAddress, -1, 10000),
            glue::text(
                "stun-server",
                "STUN server (stun://host:port) for viewers that come in from outside of the "
                "network",
                &S::stunServer),
            glue::secret(
                "turn-server",
                "TURN servers (turn://name:password@host:port?transport=udp, separated by "
                "commas) for viewers whose network lets nothing else through; who may watch "
                "is told the password",
                &S::turnServer),
            glue::text(
                "advertise-address",
                "IP addresses (separated by commas) by which viewers reach this machine though it "
                "does not have them itself: of the router or container host that passes the ports "
                "from min-rtp-port to max-rtp-port on",
                &S::advertiseAddress),
            glue::toggle("ice-tcp", "Also offer TCP to viewers whose network blocks UDP",
                         &S::iceTcp),
            glue::number("min-rtp-port", "Lowest UDP and TCP port for media (0 = any)",
                         &S::minRtpPort, 0, 65535),
            glue::number("max-rtp-port", "Highest UDP and TCP port for media", &S::maxRtpPort, 0,
                         65535),
            glue::number(
                "playout-delay",
                "Milliseconds that browsers are asked to buffer before they show a frame (-1 = "
                "their own choice)",
                &S::playoutDelay, -1, 10000),
            glue::number("max-playout-delay",
                         "Milliseconds to which that is raised for a viewer whose network loses "
                         "packets, so that they can be sent again in time (0 = it is never raised)",
                         &S::maxPlayoutDelay, 0, 10000),
            glue::duration("connect-timeout",
                           "Seconds that a viewer has to connect after its offer",
                           &S::connectTimeout, std::chrono::seconds(1), std::chrono::seconds(300)),
            glue::duration(
                "silence-timeout",
                "Seconds without a sign of life after which a viewer is taken for gone (0 = "
                "never)",
                &S::silenceTimeout, std::chrono::seconds(0), std::chrono::seconds(3600)),
            glue::duration(
                "key-interval",
                "Least number of milliseconds between two key frames asked of the encoder",
                &S::keyInterval, std::chrono::milliseconds(0), std::chrono::milliseconds(60000)),
            glue::number(
                "cache-size",
                "Kilobytes of the stream since its last key frame that are kept for who joins, "
                "when there is no encoder that makes a key frame on demand (0 = nothing)",
                &S::cacheKilobytes, 0, 1048576),
        },
        web::accessProperties(&S::access));
    return table;
}

} // namespace web
