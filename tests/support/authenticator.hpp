#pragma once

#include "net/xml.hpp"
#include "support/httpdigest.hpp"
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
};

struct AuthVerdict {
    bool granted = false;
    int status = 200;                    ///< 401 or 400 when it is not
    std::vector<std::string> challenges; ///< WWW-Authenticate values that go with 401
};

/// Decides whether a call may be made, as "Authentication over HTTP and HTTPS" of the ONVIF core
/// specification says: a camera that knows digest answers 401 to a call without proof, one that
/// knows only the token 400 and a fault; digest is looked at first, then the token.
class Authenticator {
public:
    Authenticator(Auth mode, const std::string& user, const std::string& password);

    AuthVerdict checkCall(const Proof& proof);
    /// A plain HTTP request, such as for a snapshot: digest in every mode but None.
    AuthVerdict checkHttp(const Proof& proof);

private:
    AuthVerdict refusedByDigest(bool stale) const;

    Auth mode_;
    HttpDigest digest_;
    UsernameToken token_;
};

} // namespace camera
