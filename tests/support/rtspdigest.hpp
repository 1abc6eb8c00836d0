#pragma once

#include "net/digest.hpp"

#include <string>
#include <vector>

namespace camera {

/// The server's side of RTSP Digest for one user (RFC 2326 section 14 by RFC 7616): as cameras do
/// it, without qop, because most RTSP clients know no other way. A nonce is good for one
/// connection.
class RtspDigest {
public:
    enum class Algorithms { Md5, Sha256, Both };

    RtspDigest(net::Credentials credentials, std::string realm)
        : credentials_(std::move(credentials)), realm_(std::move(realm)) {}

    /// One value for a WWW-Authenticate header each; SHA-256 first where it is offered.
    std::vector<std::string> challenges(const std::string& nonce, Algorithms offered) const;

    /// `authorization` is the value of that header, `uri` that of the request line.
    bool granted(const std::string& authorization, const std::string& method,
                 const std::string& uri, const std::string& nonce, Algorithms offered) const;

private:
    net::Credentials credentials_;
    std::string realm_;
};

} // namespace camera
