#include "relocation.hpp"

#include "discovery.hpp"

#include <algorithm>

namespace onvif {

namespace {

/// WS-Discovery lets a device take 500 ms (APP_MAX_DELAY).
constexpr std::chrono::milliseconds patience{1000};
/// Long enough for all questions of a search, of which the last goes out after a second: on a radio
/// several are lost together. Who answers is heard at once.
constexpr std::chrono::milliseconds introduction{3000};
/// A host that is there answers its discovery port at once.
constexpr std::chrono::milliseconds portQuestion{1500};

bool samePlace(const std::string& address, const net::Url& service) {
    const auto url = net::Url::parse(address);
    return url && url->sameHost(service) && url->effectivePort() == service.effectivePort();
}

/// Nothing where it is still at `service`: then it is there and does not answer, for now.
std::optional<std::string> otherPlace(const Found& found, const net::Url& service) {
    std::optional<std::string> place;
    for (const std::string& text : found.addresses()) {
        if (samePlace(text, service))
            return std::nullopt;
        const auto url = net::Url::parse(text);
        if (!place && url && url->scheme == service.scheme)
            place = text;
    }
    return place;
}

} // namespace

std::string endpointAt(const net::Url& service, const net::Cancel& cancel) {
    for (const Found& found : discoverHost(service.host, introduction, cancel)) {
        const auto addresses = found.addresses();
        if (std::any_of(addresses.begin(), addresses.end(),
                        [&](const std::string& text) { return samePlace(text, service); }))
            return found.endpoint;
    }
    return {};
}

std::optional<std::string> movedTo(const std::string& endpoint, const net::Url& service,
                                   const std::string& interfaces, const net::Cancel& cancel) {
    DiscoverySettings where;
    where.interfaces = interfaces;
    where.timeout = patience;
    const auto found = locate(endpoint, where, cancel);
    return found ? otherPlace(*found, service) : std::nullopt;
}

std::optional<std::string> movedOnHost(const std::string& endpoint, const net::Url& service,
                                       const net::Cancel& cancel) {
    for (const Found& found : discoverHost(service.host, patience, cancel)) {
        if (!sameId(found.endpoint, endpoint))
            continue;
        auto moved = otherPlace(found, service);
        if (!moved)
            continue;
        net::Url there = *net::Url::parse(*moved);
        there.host = service.host;
        return there.text();
    }
    return std::nullopt;
}

std::optional<net::Url> otherDoor(const Location& location, const std::vector<Found>& found) {
    if (found.empty())
        return std::nullopt;
    const net::Url& named = location.service;
    for (const std::string& address : found.front().addresses()) {
        net::Url service = parseLocation(address).service;
        service.host = named.host;
        const bool weaker = named.scheme == "https" && service.scheme != "https";
        const bool same = service.scheme == named.scheme && service.rest == named.rest &&
                          service.effectivePort() == named.effectivePort();
        if (!weaker && !same)
            return service;
    }
    return std::nullopt;
}

std::optional<net::Url> otherDoor(const Location& location, const base::Error& error,
                                  const net::Cancel& cancel) {
    const bool wrongDoor =
        error.kind() == base::ErrorKind::Unreachable || error.kind() == base::ErrorKind::BadData;
    if (location.portGiven || !wrongDoor)
        return std::nullopt;
    return otherDoor(location, discoverHost(location.service.host, portQuestion, cancel));
}

} // namespace onvif
