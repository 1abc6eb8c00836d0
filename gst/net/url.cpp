#include "net/url.hpp"

#include <algorithm>
#include <cctype>

namespace net {

namespace {

bool clean(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool schemeLike(std::string_view text) {
    return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) || c == '+' || c == '-' || c == '.';
           });
}

bool hostLike(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           text.find_first_of(" \"<>\\^`{|}[]@/?#") == std::string_view::npos;
}

std::optional<int> portOf(std::string_view digits) {
    if (digits.empty() || digits.size() > 5)
        return std::nullopt;
    int port = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return std::nullopt;
        port = port * 10 + (c - '0');
    }
    return port >= 1 && port <= 65535 ? std::optional<int>(port) : std::nullopt;
}

/// Splits "host", "host:port", "[v6]:port" into `url`.
bool readAuthority(std::string_view text, Url& url) {
    std::string_view host, port;
    if (!text.empty() && text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos)
            return false;
        host = text.substr(1, close - 1);
        port = text.substr(close + 1);
    } else {
        const auto colon = text.find(':');
        host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (!hostLike(host))
        return false;
    // RFC 6874: the zone of a link-local address is written "%25eth0" in an address, "%eth0"
    // elsewhere.
    url.host = host.find(':') == std::string_view::npos ? std::string(host) : percentDecode(host);
    if (port.empty() || port == ":")
        return true;
    const auto number = port.front() == ':' ? portOf(port.substr(1)) : std::nullopt;
    url.port = number.value_or(0);
    return number.has_value();
}

/// Numbers or a name with a dot; a plain word where it has no port, with which it looks like
/// "user:pass", and nothing that looks like user info before it.
bool surelyHost(std::string_view text, bool infoBefore) {
    Url url;
    return readAuthority(text, url) &&
           ((!url.port && !infoBefore) || url.host.find_first_of(".:") != std::string::npos);
}

std::string encodeSpaces(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == ' ' ? std::string("%20") : std::string(1, c);
    return out;
}

} // namespace

std::string percentDecode(std::string_view text) {
    const auto digit = [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : std::tolower(c) - 'a' + 10;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] == '%' && i + 2 < text.size() &&
            std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
            std::isxdigit(static_cast<unsigned char>(text[i + 2]))) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string withoutUserInfo(std::string_view text) {
    const auto mark = text.find("://");
    const std::size_t start = mark == std::string_view::npos ? 0 : mark + 3;
    const std::string_view body = text.substr(start);
    const std::string_view authority = body.substr(0, body.find_first_of("/?#"));
    auto at = authority.rfind('@');
    const std::string_view host =
        at == std::string_view::npos ? authority : authority.substr(at + 1);
    // What should have been encoded in a password may stand there: the last one counts then.
    if (authority.size() == body.size() || !surelyHost(host, at != std::string_view::npos))
        at = body.rfind('@');
    return at == std::string_view::npos
               ? std::string(text)
               : std::string(text.substr(0, start)) + std::string(body.substr(at + 1));
}

std::optional<Url> Url::parse(std::string_view text) {
    const auto mark = text.find("://");
    if (mark == std::string_view::npos || !schemeLike(text.substr(0, mark)) || !clean(text))
        return std::nullopt;
    Url url;
    url.scheme = lower(text.substr(0, mark));
    text.remove_prefix(mark + 3);
    const auto slash = std::min(text.find_first_of("/?#"), text.size());
    url.rest = encodeSpaces(text.substr(slash));
    std::string_view authority = text.substr(0, slash);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        const std::string_view info = authority.substr(0, at);
        const auto colon = info.find(':');
        url.user = percentDecode(info.substr(0, colon));
        url.password = colon == std::string_view::npos ? "" : percentDecode(info.substr(colon + 1));
        authority.remove_prefix(at + 1);
    }
    return readAuthority(authority, url) ? std::optional<Url>(std::move(url)) : std::nullopt;
}

std::string Url::authority() const {
    std::string out = host;
    if (host.find(':') != std::string::npos) {
        if (const auto zone = out.find('%'); zone != std::string::npos)
            out.replace(zone, 1, "%25");
        out = "[" + out + "]";
    }
    return port ? out + ":" + std::to_string(port) : out;
}

std::string Url::text() const { return scheme + "://" + authority() + rest; }

int Url::effectivePort() const {
    if (port)
        return port;
    if (scheme == "https")
        return 443;
    if (scheme == "rtsp" || scheme == "rtspu" || scheme == "rtspt")
        return 554;
    return scheme == "rtsps" ? 322 : 80;
}

std::string Url::target() const {
    const std::string whole = rest.substr(0, rest.find('#'));
    return whole.empty() || whole.front() != '/' ? "/" + whole : whole;
}

std::string Url::origin() const {
    Url plain;
    plain.scheme = scheme;
    plain.host = lower(host);
    plain.port = effectivePort();
    return plain.text();
}

bool Url::sameHost(const Url& other) const { return lower(host) == lower(other.host); }

} // namespace net
