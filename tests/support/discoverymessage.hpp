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
    /// Of the device service, as seen from where the message goes; several with blanks between.
    std::string xaddr;
    unsigned metadataVersion = 1;
    std::string types = "dn:NetworkVideoTransmitter tds:Device";
};

struct Probe {
    std::string messageId;
    std::vector<std::string> types{}, scopes{}; ///< as they were written
};

/// Any well-formed probe. Nothing for any other datagram; WS-Discovery has no errors over
/// multicast.
std::optional<Probe> readProbe(std::string_view datagram);
bool typesMatch(const Probe& probe); ///< every one that it names is ours
bool scopesMatch(const Probe& probe, const std::vector<std::string>& scopes);

/// A probe that this device shall answer: well-formed, and every type and scope that it names is
/// ours.
std::optional<Probe> matchingProbe(std::string_view datagram,
                                   const std::vector<std::string>& scopes);

std::string probeMatches(const Probe& probe, const Announcement& device);
std::string hello(const Announcement& device);
std::string bye(const Announcement& device);

constexpr std::size_t maxDatagram = 64 * 1024;

} // namespace camera
