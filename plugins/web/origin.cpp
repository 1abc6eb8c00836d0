#include "web/origin.hpp"

#include "web/offer.hpp"
#include "web/problem.hpp"

#include <gio/gio.h>

#include <algorithm>
#include <vector>

namespace web {
namespace {

using net::ServerRequest;

/// The host of "host:port", "[v6]:port" or "scheme://host:port".
std::string hostOf(const std::string& text) {
    const auto scheme = text.find("://");
    std::string host = scheme == std::string::npos ? text : text.substr(scheme + 3);
    if (!host.empty() && host[0] == '[')
        return host.substr(1, host.find(']') - 1);
    return host.substr(0, host.find(':'));
}

std::string authorityOf(const std::string& origin) {
    const auto scheme = origin.find("://");
    return scheme == std::string::npos ? std::string() : origin.substr(scheme + 3);
}

std::vector<std::string> originsOf(const std::string& list) {
    std::vector<std::string> origins;
    for (const std::string& word : words(list, ','))
        if (const auto from = word.find_first_not_of(' '); from != word.npos)
            origins.push_back(word.substr(from));
    return origins;
}

std::string lowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return g_ascii_tolower(c); });
    return text;
}

bool endsWith(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

} // namespace

std::optional<net::HttpReply> OriginPolicy::refusal(const ServerRequest& request) const {
    const std::string host = lowerCase(hostOf(request.header("Host")));
    if (!isOwnName(host))
        return problem(403, loopback ? "This server answers to localhost only. To serve under "
                                       "another name, set allow-origin."
                                     : "This server does not know this name for itself. Use its "
                                       "address, or set allow-origin to http://" +
                                           host + " and the port.");
    if (!isAllowed(request))
        return problem(
            403, "Pages of other sites may not use this stream unless allow-origin names them.");
    return std::nullopt;
}

bool OriginPolicy::isAllowed(const ServerRequest& request) const {
    const std::string origin = request.header("Origin");
    if (origin.empty() || allowOrigin == "*" || authorityOf(origin) == request.header("Host"))
        return true;
    const auto allowed = originsOf(allowOrigin);
    return std::find(allowed.begin(), allowed.end(), origin) != allowed.end();
}

bool OriginPolicy::isNamed(const std::string& host) const {
    const auto allowed = originsOf(allowOrigin);
    return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& origin) {
        return lowerCase(hostOf(origin)) == host;
    });
}

bool OriginPolicy::isOwnName(const std::string& host) const {
    if (host.empty() || allowOrigin == "*" || net::isLoopback(host) || isNamed(host))
        return true;
    if (loopback)
        return !allowOrigin.empty();
    if (g_hostname_is_ip_address(host.c_str()) || host.find('.') == host.npos)
        return true;
    if (host.substr(0, host.find('.')) == lowerCase(g_get_host_name()))
        return true;
    const char* const privateNames[] = {".local", ".lan", ".home", ".internal", ".home.arpa"};
    return std::any_of(std::begin(privateNames), std::end(privateNames),
                       [&](const char* end) { return endsWith(host, end); });
}

} // namespace web
