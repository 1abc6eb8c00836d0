#include "location.hpp"

#include "base/error.hpp"

namespace onvif {

namespace {

constexpr const char* servicePath = "/onvif/device_service";

[[noreturn]] void fail(const std::string& why) {
    throw base::Error(base::ErrorKind::Settings,
                      why + " Write location=onvif://HOST, onvif://HOST:PORT or "
                            "http://HOST:PORT/onvif/device_service.");
}

/// Exactly those: rtsp-sdp:// would have a player take an SDP, and with it any host, from the
/// address itself.
bool streamScheme(const std::string& scheme) {
    for (const char* known : {"rtsp", "rtspt", "rtspu", "rtsph", "rtsps"})
        if (scheme == known)
            return true;
    return false;
}

} // namespace

Location parseLocation(const std::string& text) {
    const std::string address = splitCredentials(text).location;
    const bool bare = address.find("://") == std::string::npos;
    const auto url = net::Url::parse(bare ? "onvif://" + address : address);
    if (!url)
        fail("'" + address + "' is not an address.");
    Location location{*url, url->port != 0};
    if (streamScheme(url->scheme))
        fail("'" + url->text() + "' is a stream, which rtspsrc plays; onvifsrc wants the camera.");
    if (url->scheme == "onvif" || url->scheme == "onvifs")
        location.service.scheme = url->scheme == "onvif" ? "http" : "https";
    else if (url->scheme != "http" && url->scheme != "https")
        fail("'" + url->text() + "' is not an ONVIF address.");
    if (url->rest.empty() || url->rest == "/")
        location.service.rest = servicePath;
    return location;
}

NamedLocation splitCredentials(const std::string& text) {
    NamedLocation named{net::withoutUserInfo(text), {}};
    const auto mark = text.find("://");
    const std::size_t start = mark == std::string::npos ? 0 : mark + 3;
    if (named.location.size() == text.size())
        return named;
    const std::string info = text.substr(start, text.size() - named.location.size() - 1);
    const auto colon = info.find(':');
    named.credentials.user = net::percentDecode(info.substr(0, colon));
    if (colon != std::string::npos)
        named.credentials.password = net::percentDecode(info.substr(colon + 1));
    return named;
}

void AddressPolicy::setOwnAddress(const std::string& xaddr) {
    own_ = net::Url::parse(xaddr).value_or(net::Url{});
}

std::string AddressPolicy::service(const std::string& xaddr) const {
    auto url = net::Url::parse(xaddr);
    if (!url || (url->scheme != "http" && url->scheme != "https"))
        return {};
    const bool besideUs = url->sameHost(own_) && url->effectivePort() == own_.effectivePort();
    if (besideUs || url->scheme != reached_.scheme) {
        url->scheme = reached_.scheme;
        url->port = reached_.port;
    }
    url->host = reached_.host;
    return url->text();
}

std::string AddressPolicy::stream(const std::string& uri) const {
    auto url = net::Url::parse(uri);
    if (!url || (!streamScheme(url->scheme) && url->scheme != "http" && url->scheme != "https"))
        return {};
    url->host = reached_.host;
    return url->text();
}

} // namespace onvif
