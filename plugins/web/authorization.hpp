#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace web {

/// Who a request says that it comes from: every field is hostile.
struct Claim {
    bool bearer = false; ///< a token; or else name and password
    std::string name;
    std::string secret;
};

/// An Authorization header: "Bearer TOKEN" (RFC 6750) or "Basic BASE64" (RFC 7617). Nothing for
/// any other, and for one with control characters in it or over 4 KiB.
std::optional<Claim> readAuthorization(std::string_view header);

/// The value of a cookie in a Cookie header (RFC 6265 section 5.4); empty when it is not there.
std::string cookieIn(std::string_view header, std::string_view name);

/// A request's query parted into the token that it carries and the rest.
struct TokenQuery {
    std::optional<std::string> token; ///< decoded; the first of several
    std::string rest;                 ///< without it, still encoded
};
TokenQuery readTokenQuery(std::string_view query);

} // namespace web
