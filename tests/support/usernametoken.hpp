#pragma once

#include "net/xml.hpp"

#include <chrono>
#include <map>
#include <string>

namespace camera {

/// The receiver's side of the WS-Security UsernameToken profile 1.0 for one user: password digest
/// with nonce and creation time, both mandatory as ONVIF wants, each token good once.
class UsernameToken {
public:
    using Clock = std::chrono::system_clock;

    UsernameToken(std::string user, std::string password);

    /// `token` is the wsse:UsernameToken element.
    bool check(const net::XmlNode& token, Clock::time_point now);

    /// How far Created may be from our clock. Real cameras allow between 5 s and some minutes.
    static constexpr std::chrono::seconds window{30};

private:
    bool firstUse(const std::string& nonce, Clock::time_point now);

    std::string user_, password_;
    std::map<std::string, Clock::time_point> seen_; ///< nonces whose window has not passed
};

/// Password_Digest = Base64(SHA-1(nonce + created + password)), nonce as raw bytes (UsernameToken
/// profile 1.0 section 3.1).
std::string passwordDigest(const std::string& nonce, const std::string& created,
                           const std::string& password);

} // namespace camera
