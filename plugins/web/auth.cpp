#include "web/auth.hpp"

#include "net/password.hpp"
#include "net/random.hpp"
#include "web/authorization.hpp"
#include "web/problem.hpp"
#include "web/sdp.hpp"

#include <glib.h>

#include <memory>

namespace web {
namespace {

constexpr std::chrono::hours cookieLife{24 * 30};
constexpr std::size_t mostKnown = 256;

long long secondsOf(Auth::WallClock::time_point date) {
    return std::chrono::duration_cast<std::chrono::seconds>(date.time_since_epoch()).count();
}

std::string signatureFor(const std::string& until, const std::string& tokenDigest) {
    return net::signatureOf("cookie until " + until, tokenDigest);
}

/// `path` as it goes into a Location. One slash at its head: two would name another host.
std::string locationOf(const std::string& path, const std::string& query) {
    const auto from = path.find_first_not_of("/\\");
    const std::string rest = from == path.npos ? "" : path.substr(from);
    const std::unique_ptr<char, decltype(&g_free)> escaped(
        g_uri_escape_string(rest.c_str(), "/", FALSE), g_free);
    return "/" + std::string(escaped.get()) + (query.empty() ? "" : "?" + query);
}

} // namespace

Auth::Auth(Logins logins, std::string cookie, bool secure)
    : logins_(std::move(logins)), cookie_(std::move(cookie)), secure_(secure),
      key_(net::randomBytes(32)) {}

std::optional<net::HttpReply> Auth::refusal(const net::ServerRequest& request,
                                            Clock::time_point now, WallClock::time_point date) {
    if (logins_.empty())
        return std::nullopt;
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (auto query = readTokenQuery(request.query); reads && query.token)
        return exchangeToken(request, *query.token, query.rest, now, date);
    const std::string authorization = request.header("Authorization");
    if (hasCookie(request, date) || isKnown(authorization))
        return std::nullopt;
    if (authorization.empty())
        return challenge("This server wants a login: name and password, or its token in place of "
                         "the password. Links carry it as ?token=, programs send it as "
                         "\"Authorization: Bearer\".");
    if (failures_.wait(request.remote, now))
        return failed(request.remote, now);
    if (!opens(authorization))
        return failed(request.remote, now);
    remember(authorization);
    return std::nullopt;
}

bool Auth::hasCookie(const net::ServerRequest& request, WallClock::time_point date) const {
    const std::string value = cookieIn(request.header("Cookie"), cookie_);
    const auto dot = value.find('.');
    if (dot == value.npos || dot > 12)
        return false;
    const auto until = decimal(value.substr(0, dot), 0, 999999999999L);
    if (!until || *until < secondsOf(date))
        return false;
    bool good = false;
    for (const std::string& token : logins_.tokenDigests())
        good =
            net::isSame(value.substr(dot + 1), signatureFor(value.substr(0, dot), token)) || good;
    return good;
}

bool Auth::isKnown(const std::string& authorization) const {
    return !authorization.empty() && known_.count(net::signatureOf(authorization, key_));
}

void Auth::remember(const std::string& authorization) {
    if (known_.size() >= mostKnown)
        known_.clear();
    known_.insert(net::signatureOf(authorization, key_));
}

bool Auth::opens(const std::string& authorization) const {
    const auto claim = readAuthorization(authorization);
    if (!claim)
        return false;
    if (!logins_.tokenLike(claim->secret).empty())
        return true;
    return !claim->bearer && logins_.isPerson(claim->name, claim->secret);
}

/// Basic last: a browser takes the strongest that it knows, and that is the one.
net::HttpReply Auth::challenge(const std::string& detail) const {
    net::HttpReply reply = problem(401, detail);
    if (logins_.hasTokens())
        reply.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"Video Stream\"");
    reply.headers.emplace_back("WWW-Authenticate",
                               "Basic realm=\"Video Stream\", charset=\"UTF-8\"");
    reply.headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

net::HttpReply Auth::failed(const std::string& remote, Clock::time_point now) {
    const auto delay = failures_.wait(remote, now);
    if (!delay) {
        failures_.take(remote, now);
        return challenge("Token, name or password are wrong.");
    }
    net::HttpReply reply = problem(429, "Too many wrong logins came from this address. Wait " +
                                            std::to_string(delay->count()) + " s.");
    reply.headers.emplace_back("Retry-After", std::to_string(delay->count()));
    return reply;
}

net::HttpReply Auth::exchangeToken(const net::ServerRequest& request, const std::string& token,
                                   const std::string& rest, Clock::time_point now,
                                   WallClock::time_point date) {
    const std::string digest = failures_.wait(request.remote, now) ? "" : logins_.tokenLike(token);
    if (digest.empty())
        return failed(request.remote, now);
    return {307,
            "",
            "",
            {{"Location", locationOf(request.path, rest)},
             {"Set-Cookie", cookieFor(digest, date)},
             {"Referrer-Policy", "no-referrer"},
             {"Cache-Control", "no-store"}}};
}

std::string Auth::cookieFor(const std::string& tokenDigest, WallClock::time_point date) const {
    const std::string until = std::to_string(secondsOf(date + cookieLife));
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(cookieLife).count();
    return cookie_ + "=" + until + "." + signatureFor(until, tokenDigest) +
           "; Path=/; Max-Age=" + std::to_string(age) + "; HttpOnly; SameSite=Lax" +
           (secure_ ? "; Secure" : "");
}

} // namespace web
