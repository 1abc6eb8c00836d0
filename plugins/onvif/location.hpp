#pragma once

#include "net/digest.hpp"
#include "net/url.hpp"

#include <string>

namespace onvif {

/// What a user may write to name a camera.
struct Location {
    net::Url service;       ///< the device service, http or https
    bool portGiven = false; ///< otherwise 80 is a guess
};

/// "onvif(s)://host[:port][/path]", "http(s)://host[:port][/path]" or just "host[:port]". Throws
/// base::Error(Settings) that says what to write; never with a password in it.
Location parseLocation(const std::string& text);

/// Splits "onvif://user:password@host" into the address without and the credentials, which may hold
/// what should have been percent-encoded. Works on rubbish too: no secret stays in `location`.
struct NamedLocation {
    std::string location;
    net::Credentials credentials; ///< both empty where there were none
};
NamedLocation splitCredentials(const std::string& text);

/// Which addresses of a device are gone to. A device chooses what it writes into its answers, and
/// behind NAT, on several nets or by mistake that is an address of its own world; a hostile one
/// would have us post credentials elsewhere. So the host that was reached is kept for everything.
class AddressPolicy {
public:
    explicit AddressPolicy(net::Url reached) : reached_(std::move(reached)) {}

    /// The device's own name for the service we reached: what it says is on the same port is then
    /// on the port we reached (a forwarded port keeps working).
    void setOwnAddress(const std::string& xaddr);

    /// A service address: its path on the host reached. Its port where it uses the scheme we use,
    /// else ours, so that https never falls back to http. Empty when it is no web address.
    std::string service(const std::string& xaddr) const;

    /// A stream address: path and port byte for byte, user info dropped, our host. Empty when it is
    /// neither rtsp nor http.
    std::string stream(const std::string& uri) const;

    const net::Url& reached() const { return reached_; }

private:
    net::Url reached_;
    net::Url own_;
};

} // namespace onvif
