#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace camera {

enum class DigestVerdict { Granted, Stale, Refused };

/// The server's side of HTTP Digest (RFC 7616) for one user: MD5 and SHA-256, qop "auth", nonces
/// that tell their own age and are of no use twice with the same count.
class HttpDigest {
public:
    using Clock = std::chrono::steady_clock;

    /// `algorithms` are those that are offered, in that order, and no other is accepted: "MD5",
    /// "SHA-256".
    HttpDigest(std::string user, std::string password, std::string realm,
               std::vector<std::string> algorithms = {"MD5", "SHA-256"});

    /// One value for a WWW-Authenticate header each.
    std::vector<std::string> challenges(Clock::time_point now, bool stale = false) const;

    /// `authorization` is the value of that header, `target` the request's path and query.
    DigestVerdict check(const std::string& authorization, const std::string& method,
                        const std::string& target, Clock::time_point now);

    static constexpr std::chrono::seconds nonceLife{300};

private:
    std::string nonceFor(Clock::time_point made) const;
    std::optional<Clock::time_point> whenMade(const std::string& nonce) const;
    bool firstUse(Clock::time_point made, std::uint32_t count);

    std::string user_, password_, realm_;
    std::vector<std::string> algorithms_;
    std::string key_; ///< random, signs our nonces
    std::map<Clock::time_point, std::set<std::uint32_t>>
        used_;                      ///< counts, by when a nonce was made
    Clock::time_point forgotten_{}; ///< nonces made until then are good for nothing
};

/// The name="value" pairs of a Digest header, names in lower case; empty when the scheme is another
/// one or the text is malformed or has more than 32 pairs.
std::map<std::string, std::string> digestFields(const std::string& header);

/// Whether two texts are equal, in a time that says nothing about where they differ.
bool equalInConstantTime(const std::string& a, const std::string& b);

} // namespace camera
