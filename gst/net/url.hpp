#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace net {

/// An address with a host in it. Path and query stay byte for byte as they were given, because
/// devices compare them as text.
struct Url {
    std::string scheme;   ///< lower case
    std::string user;     ///< percent-decoded
    std::string password; ///< percent-decoded
    std::string host;     ///< without the brackets of an IPv6 address
    int port = 0;         ///< 0: not given
    std::string rest;     ///< path, query and fragment, from the first of "/?#" on; may be empty

    /// Nothing when there is no host, the port is no port, or it holds control characters. A user
    /// name or password may hold what should have been escaped: everything up to the last '@' is
    /// theirs.
    static std::optional<Url> parse(std::string_view text);

    /// The whole address, never with user name and password.
    std::string text() const;
    /// "host" or "host:port", an IPv6 address in brackets.
    std::string authority() const;
    /// The port that is meant: the given one or the scheme's (80, 443, 554, 322).
    int effectivePort() const;
    /// `rest` with at least a path: what goes into a request line.
    std::string target() const;
    bool sameHost(const Url& other) const;
    /// "http://host:80": scheme, host and the port that is meant, which is what a login holds for.
    std::string origin() const;
};

/// "a%20b" -> "a b"; what is no escape stays.
std::string percentDecode(std::string_view text);

/// Takes "user:password@" out of what may be an address. Everything up to the last '@' is taken, as
/// a password may hold a '/' that should have been escaped.
std::string withoutUserInfo(std::string_view text);

} // namespace net
