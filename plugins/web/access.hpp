#pragma once

#include "net/httpserver.hpp"
#include "net/ratelimit.hpp"

#include <optional>
#include <string>

namespace web {

/// Who may use what a sink serves: the same settings for every sink of a Site, see its Tenant.
struct Access {
    std::string auth; ///< see Logins; best sealed()
    /// A PEM file with certificate and key for HTTPS, or "self-signed" for one that is made at the
    /// first start and kept in the user's data folder; without it, plain HTTP.
    std::string tlsCertificate;
    std::string allowOrigin; ///< see OriginPolicy: for the answers that the site itself gives
    /// Joins a minute from one address. -1: 120 from others in the network and any number from this
    /// machine, where a proxy may speak for all of them; 0: any number.
    int joinRate = -1;
};

/// Keeps one address from taking all the time there is. A join (POST) makes a peer connection and
/// counts as ten PATCHes or DELETEs; a third of a minute's joins may come at once.
class JoinLimit {
public:
    /// `perMinute` as Access::joinRate has it.
    explicit JoinLimit(int perMinute);
    /// 429 with Retry-After, or nothing.
    std::optional<net::HttpReply> refusal(const net::ServerRequest& request);

private:
    bool local_;
    std::optional<net::RateLimit> limit_;
};

} // namespace web
