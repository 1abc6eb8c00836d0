#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace onvif {

/// A camera that answered. Everything in it was written by the device: it is to be judged, not
/// believed.
struct Found {
    std::string endpoint;            ///< its constant name, "urn:uuid:…"
    std::string sender;              ///< the address the answer came from, numbers
    std::vector<std::string> types;  ///< local names with their prefix, as sent
    std::vector<std::string> scopes; ///< "onvif://www.onvif.org/name/…", as sent
    std::vector<std::string> xaddrs; ///< device service addresses, as sent

    std::string name() const;     ///< from the scopes, percent-decoded; may be empty
    std::string hardware() const; ///< the same
    /// The device service on the host that answered: its own address where it gave that, else the
    /// path of the best one it gave. http before https, as most certificates are self-signed.
    std::string address() const;
};

/// The two things asked for. No single probe finds everybody: some answer to one only, two types in
/// one probe mean AND, and an untyped probe wakes printers and is ignored by others.
enum class ProbeType { NetworkVideoTransmitter, Device };

/// One line, all prefixes on the root, "dn:" and "tds:" as some compare them as text.
std::string probeMessage(ProbeType type, const std::string& messageId);

/// What a datagram tells: the cameras of a ProbeMatches that relates to one of `messageIds` ("uuid"
/// alone, without "urn:uuid:"). Empty for everything else: rubbish, answers to others, printers.
/// Bounded: at most 16 matches, 64 words each.
std::vector<Found> probeMatches(std::string_view datagram, const std::string& sender,
                                const std::vector<std::string>& messageIds);

/// Adds what `news` knows more to `known`: the same endpoint through another interface or in parts.
void merge(std::vector<Found>& known, Found news, std::size_t limit);

} // namespace onvif
