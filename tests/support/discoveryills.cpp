#include "support/discoveryills.hpp"

#include "net/url.hpp"

#include <algorithm>

namespace camera {
namespace {

constexpr const char *nvt = "dn:NetworkVideoTransmitter", *device = "tds:Device";

/// A device that knows one of the two types answers to that alone.
bool knows(const Probe& probe, const char* type) {
    const std::string name = std::string(type).substr(std::string(type).find(':'));
    return std::all_of(probe.types.begin(), probe.types.end(), [&](const std::string& asked) {
        return asked.size() >= name.size() &&
               asked.compare(asked.size() - name.size(), name.size(), name) == 0;
    });
}

bool literal(const Probe& probe) {
    return std::all_of(probe.types.begin(), probe.types.end(),
                       [](const std::string& type) { return type == nvt || type == device; });
}

std::string onZero(const std::string& xaddr) {
    auto url = net::Url::parse(xaddr.substr(0, xaddr.find(' ')));
    if (!url)
        return xaddr;
    url->host = "0.0.0.0";
    return url->text();
}

Announcement described(Announcement device, const Ills& ills) {
    if (ills.has("discovery-nvt-only"))
        device.types = nvt;
    if (ills.has("discovery-device-only"))
        device.types = camera::device;
    if (ills.has("discovery-zero-xaddr"))
        device.xaddr = onZero(device.xaddr);
    if (ills.has("discovery-xaddrs")) {
        std::string others = ills.value("discovery-xaddrs");
        std::replace(others.begin(), others.end(), ',', ' ');
        device.xaddr = others + " " + device.xaddr;
    }
    if (ills.has("discovery-raw-scopes"))
        for (std::string& scope : device.scopes)
            scope = "\r\n  " + net::percentDecode(scope);
    return device;
}

} // namespace

std::optional<Probe> ailingProbe(std::string_view datagram, const std::vector<std::string>& scopes,
                                 const Ills& ills) {
    if (ills.has("discovery-line-breaks") && datagram.find('\n') != std::string_view::npos)
        return std::nullopt;
    const auto probe = readProbe(datagram);
    const bool answers = probe && (ills.has("discovery-any-type") || typesMatch(*probe)) &&
                         (ills.has("discovery-any-scope") || scopesMatch(*probe, scopes)) &&
                         !(ills.has("discovery-nvt-only") && !knows(*probe, nvt)) &&
                         !(ills.has("discovery-device-only") && !knows(*probe, device)) &&
                         !(ills.has("discovery-ignores-untyped") && probe->types.empty()) &&
                         !(ills.has("discovery-prefix-text") && !literal(*probe));
    return answers ? probe : std::nullopt;
}

std::vector<std::string> ailingMatches(const Probe& probe, Announcement device, const Ills& ills) {
    device = described(std::move(device), ills);
    if (!ills.has("discovery-split"))
        return {probeMatches(probe, device)};
    Announcement first = device, second = device;
    first.xaddr.clear();
    second.scopes.clear();
    return {probeMatches(probe, first), probeMatches(probe, second)};
}

} // namespace camera
