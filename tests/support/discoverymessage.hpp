#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace camera {

/// What WS-Discovery (April 2005 draft, as ONVIF uses it) tells about a device.
struct Announcement {
    std::string uuid; ///< endpoint reference without "urn:uuid:"
    std::vector<std::string> scopes;
    std::string xaddr; ///< of the device service, as seen from where the message goes
    unsigned metadataVersion = 1;
};

struct Probe {
    std::string messageId;
};

/// A probe that this device shall answer: well-formed, and every type and scope that it names is
/// ours. Nothing for any other datagram; WS-Discovery has no errors over multicast.
std::optional<Probe> matchingProbe(std::string_view datagram,
                                   const std::vector<std::string>& scopes);

std::string probeMatches(const Probe& probe, const Announcement& device);
std::string hello(const Announcement& device);
std::string bye(const Announcement& device);

constexpr std::size_t maxDatagram = 64 * 1024;

} // namespace camera
