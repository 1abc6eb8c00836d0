#include "web/gstwhepproperties.hpp"

#include "web/gstrtcproperties.hpp"

namespace web {

const glue::PropertyTable<WhepSettings>& whepProperties() {
    using S = WhepSettings;
    static const auto table = glue::joined<S>(
        {
            glue::text<S>(
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
            glue::number(
                "playout-delay",
                "Milliseconds that browsers are asked to buffer before they show a frame (-1 = "
                "their own choice)",
                &S::playoutDelay, -1, 10000),
            glue::number("max-playout-delay",
                         "Milliseconds to which that is raised for a viewer whose network loses "
                         "packets, so that they can be sent again in time (0 = it is never raised)",
                         &S::maxPlayoutDelay, 0, 10000),
            glue::number(
                "cache-size",
                "Kilobytes of the stream since its last key frame that are kept for who joins, "
                "when there is no encoder that makes a key frame on demand (0 = nothing)",
                &S::cacheKilobytes, 0, 1048576),
        },
        rtcProperties<S>());
    return table;
}

} // namespace web
