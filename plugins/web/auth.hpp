#pragma once

#include "net/httpserver.hpp"
#include "net/ratelimit.hpp"
#include "web/logins.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>

namespace web {

/// The door of a site. In comes who sends "Authorization: Bearer TOKEN", or Basic with name and
/// password (or any name and a token, which is what a browser's own prompt can ask for), or the
/// cookie that a visit with "?token=" has got. That visit is sent on to the same address without
/// the token at once, so that it stays in no history, log or Referer.
///
/// The cookie says until when it is good, 30 days, and is signed with the token: nothing is kept
/// here, it outlives a restart, and another token ends it. SameSite=Lax: with Strict a link from
/// another page would ask for the token again.
class Auth {
public:
    using Clock = std::chrono::steady_clock;
    using WallClock = std::chrono::system_clock;

    /// `cookie` is its name, which has to have the port in it: cookies know none. `secure` for
    /// HTTPS.
    Auth(Logins logins, std::string cookie, bool secure);

    /// Nothing for who may come in. Else 401 with a challenge; 307 with a cookie; or 429 for an
    /// address that was wrong ten times, and once every ten seconds after that.
    std::optional<net::HttpReply> refusal(const net::ServerRequest& request,
                                          Clock::time_point now = Clock::now(),
                                          WallClock::time_point date = WallClock::now());

    /// "name=value; HttpOnly; …" for a token that fits.
    std::string cookieFor(const std::string& tokenDigest, WallClock::time_point date) const;

private:
    bool hasCookie(const net::ServerRequest& request, WallClock::time_point date) const;
    bool isKnown(const std::string& authorization) const;
    void remember(const std::string& authorization);
    bool opens(const std::string& authorization) const;
    net::HttpReply challenge(const std::string& detail) const;
    net::HttpReply failed(const std::string& remote, Clock::time_point now);
    net::HttpReply exchangeToken(const net::ServerRequest& request, const std::string& token,
                                 const std::string& rest, Clock::time_point now,
                                 WallClock::time_point date);

    Logins logins_;
    std::string cookie_;
    bool secure_;
    std::string key_; ///< of the signatures below
    /// Signatures of headers that were right: a password's hash takes 10 ms each time.
    std::set<std::string> known_;
    net::RateLimit failures_{10, 0.1};
};

} // namespace web
