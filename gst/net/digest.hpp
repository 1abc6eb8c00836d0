#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace net {

/// A name and what proves it. Never logged, never part of an error.
struct Credentials {
    std::string user;
    std::string password;
};

/// One Digest challenge of a 401 answer (RFC 7616 section 3.3, RFC 2617 section 3.2.1).
struct DigestChallenge {
    std::string realm, nonce, opaque;
    std::string algorithm; ///< as the server wrote it, empty when it said nothing (then MD5)
    bool auth = false;     ///< qop offers "auth"
    bool authInt = false;  ///< qop offers "auth-int"
    bool stale = false;    ///< the password was right, the nonce too old
    bool userhash = false; ///< the server wants the user name hashed

    bool supported() const; ///< MD5 and SHA-256, plain and -sess
    bool sha256() const;
};

/// All Digest challenges in the values of the WWW-Authenticate headers of one answer, in the
/// server's order of preference. Other schemes and rubbish are passed over.
std::vector<DigestChallenge> digestChallenges(const std::vector<std::string>& headers);

/// The one to answer: RFC 7616 section 3.7, the first that we can.
std::optional<DigestChallenge> chooseChallenge(const std::vector<DigestChallenge>& challenges);

/// What the answer to a challenge is computed from.
struct DigestRequest {
    std::string method;
    std::string uri;  ///< exactly as in the request line
    std::string body; ///< counts for auth-int only
    std::string cnonce;
    unsigned count = 1; ///< how often this nonce has been used, this time included
};

/// The value of the Authorization header.
std::string digestAuthorization(const DigestChallenge& challenge, const Credentials& credentials,
                                const DigestRequest& request);

/// A login by digest at one server: keeps the challenge and counts how often its nonce is used.
class DigestLogin {
public:
    /// A new challenge, the best of these; false when none can be answered.
    bool take(const std::vector<DigestChallenge>& challenges);
    bool active() const { return challenge_.has_value(); }
    /// "digest MD5", "digest SHA-256"
    std::string name() const;
    /// The Authorization header of the next request. Only while active.
    std::string authorization(const Credentials& credentials, const std::string& method,
                              const std::string& target, const std::string& body = {});

private:
    std::optional<DigestChallenge> challenge_;
    unsigned count_ = 0;
};

} // namespace net
