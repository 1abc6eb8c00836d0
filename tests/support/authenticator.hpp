#pragma once

#include "net/xml.hpp"
#include "support/httpdigest.hpp"
#include "support/lockout.hpp"
#include "support/settings.hpp"
#include "support/usernametoken.hpp"

#include <optional>
#include <string>
#include <vector>

namespace camera {

/// What a request brings to prove who sent it.
struct Proof {
    std::string method;
    std::string target;        ///< path and query
    std::string authorization; ///< that header's value, empty when absent
    std::optional<net::XmlNode> token;

    bool any() const { return !authorization.empty() || token; }
};

struct AuthVerdict {
    bool granted = false;
    int status = 200;                    ///< 401 or 400 when it is not
    std::vector<std::string> challenges; ///< WWW-Authenticate values that go with 401
    bool stale = false;                  ///< right, but for a nonce that is too old
};

/// Decides whether a call may be made, as "Authentication over HTTP and HTTPS" of the ONVIF core
/// specification says: a camera that knows digest answers 401 to a call without proof, one that
/// knows only the token 400 and a fault; digest is looked at first, then the token.
class Authenticator {
public:
    /// Tokens are held against the camera's clock, which the ill clock-skew sets wrong.
    Authenticator(Auth mode, const std::string& user, const std::string& password, const Ills& ills,
                  Lockout& lockout);

    AuthVerdict checkCall(const Proof& proof);
    /// A plain HTTP request, such as for a snapshot: digest in every mode but None.
    AuthVerdict checkHttp(const Proof& proof);

private:
    AuthVerdict judgeCall(const Proof& proof);
    AuthVerdict judgeHttp(const Proof& proof);
    AuthVerdict counted(AuthVerdict verdict, const Proof& proof);
    AuthVerdict refusedByDigest(bool stale) const;

    Auth mode_;
    const Ills& ills_;
    Lockout& lockout_;
    HttpDigest digest_;
    UsernameToken token_;
};

} // namespace camera
