#pragma once

#include "found.hpp"
#include "net/cancel.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace onvif {

constexpr std::size_t maxDevices = 512;

struct DiscoverySettings {
    /// Names, comma separated; empty: what the environment says in ONVIF_INTERFACES, else all that
    /// are up. Loopback among them finds what runs on this machine.
    std::string interfaces;
    /// How long to wait for a first answer.
    std::chrono::milliseconds timeout{3000};
    /// How long to wait for others after the first; WS-Discovery lets a device take 500 ms
    /// (APP_MAX_DELAY).
    std::chrono::milliseconds settle{700};
};

// All of these block. They throw base::Error(Settings) for an interface that is not there, and
// net::Cancelled at once when cancelled.

/// Asks the chosen interfaces who is an ONVIF device, IPv4 and IPv6, by multicast. The result is
/// merged by endpoint, at most `maxDevices`, ordered by address, so that the first is the same
/// every time.
std::vector<Found> discover(const DiscoverySettings& settings, const net::Cancel& cancel);

/// Asks one host at WS-Discovery's port, for a camera whose web port nobody knows. Empty when it
/// does not answer.
std::vector<Found> discoverHost(const std::string& host, std::chrono::milliseconds timeout,
                                const net::Cancel& cancel);

/// Where the camera of that endpoint ("urn:uuid:…", `Found::endpoint`) is now, which after a change
/// of its address is elsewhere than before. Comes back as soon as it answers; nothing when it does
/// not within `settings.timeout`, or when `endpoint` is empty. A hostile host of the same network
/// can claim any endpoint: give it no password in clear.
std::optional<Found> locate(const std::string& endpoint, const DiscoverySettings& settings,
                            const net::Cancel& cancel);

} // namespace onvif
