#pragma once

#include "net/cancel.hpp"
#include "probe.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace onvif {

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

/// Asks the chosen interfaces who is an ONVIF device, IPv4 and IPv6, by multicast. Blocks. The
/// result is merged by endpoint, at most 256, ordered by address, so that the first is the same
/// every time. Throws base::Error(Settings) for an interface that is not there, and net::Cancelled.
std::vector<Found> discover(const DiscoverySettings& settings, const net::Cancel& cancel);

/// Asks one host at WS-Discovery's port, for a camera whose web port nobody knows. Empty when it
/// does not answer.
std::vector<Found> discoverHost(const std::string& host, std::chrono::milliseconds timeout,
                                const net::Cancel& cancel);

} // namespace onvif
