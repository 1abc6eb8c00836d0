#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace onvif {

/// A camera that answered. Everything in it was written by the device: it is to be judged, not
/// believed.
struct Found {
    std::string endpoint;                    ///< its constant name, "urn:uuid:…"; may be empty
    std::string sender;                      ///< the best address that an answer came from, numbers
    std::vector<std::string> types;          ///< local names with their prefix, as sent
    std::vector<std::string> scopes;         ///< "onvif://www.onvif.org/name/…", as sent
    std::vector<std::string> xaddrs;         ///< device service addresses, as sent
    std::vector<std::string> otherSenders{}; ///< further addresses that answered

    // From the scopes, percent-decoded, without control characters; may be empty.
    std::string name() const;
    std::string hardware() const;
    std::string location() const;              ///< "china, shanghai"
    std::vector<std::string> profiles() const; ///< "S", "G", "T", "M", sorted

    /// The device service on the hosts that answered, best first: an address of its own that it
    /// gave, else the path of the best one it gave. Never another host: a device that names one
    /// is mistaken, behind NAT, or hostile. http before https, as most certificates are
    /// self-signed. At least one, at most 16.
    std::vector<std::string> addresses() const;
    std::string address() const { return addresses().front(); }
};

/// What names a camera, however the endpoint was written; without one, its address.
std::string keyOf(const Found& found);
/// "urn:uuid:X", "uuid:X" and "X" are the same name, in any case.
bool sameId(std::string_view a, std::string_view b);

/// Adds what `news` knows more of the same camera: through another interface, or in parts.
void combine(Found& known, Found news);
/// Adds `news` to the camera in `known` that it is, or as a new one while there are fewer than
/// `limit` and less than three quarters of them are its sender's.
void merge(std::vector<Found>& known, Found news, std::size_t limit);

} // namespace onvif
