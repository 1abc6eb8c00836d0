#pragma once

#include "net/httpserver.hpp"

#include <optional>
#include <string>

namespace web {

/// Which pages may ask. A camera on 127.0.0.1 is otherwise there for every web page that its owner
/// happens to open: browsers let any page post to localhost. Without `allowOrigin` that is programs
/// (no Origin header) and the server's own pages; "*" lets everybody in, a list of origins,
/// separated by commas, those.
///
/// A page of a name that its owner points at our address ("DNS rebinding") would be one of our own
/// to the browser. So a server answers to names that nobody on the internet can own: on loopback
/// only to localhost, else also to IP addresses, names without a dot, this machine's name and those
/// under .local, .lan, .home, .internal, .home.arpa; to others only when allowOrigin has them.
struct OriginPolicy {
    std::string allowOrigin;
    bool loopback = true; ///< the server listens on this machine alone

    /// The answer to who may not ask.
    std::optional<net::HttpReply> refusal(const net::ServerRequest& request) const;

private:
    bool isAllowed(const net::ServerRequest& request) const;
    bool isOwnName(const std::string& host) const;
    bool isNamed(const std::string& host) const;
};

} // namespace web
