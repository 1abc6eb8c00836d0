#pragma once

#include "discovery.hpp"

#include "check.hpp"
#include "net/eventloop.hpp"
#include "support/discoveryresponder.hpp"
#include "support/ownnetwork.hpp"

#include <string>
#include <utility>
#include <vector>

// A device to be found on real sockets, and a search for it.

inline const char* const deviceUuid = "11111111-2222-5333-8444-555555555555";

inline camera::Announcement announcementOf(const std::string& id = deviceUuid) {
    return {id,
            {"onvif://www.onvif.org/Profile/Streaming", "onvif://www.onvif.org/name/Back%20door"},
            "/onvif/device_service"};
}

/// Ends `settle` after the first answer, or where none comes.
inline std::vector<onvif::Found>
find(const std::string& interfaces,
     std::chrono::milliseconds settle = std::chrono::milliseconds(400),
     std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    onvif::DiscoverySettings settings;
    settings.interfaces = interfaces;
    settings.timeout = timeout;
    settings.settle = settle;
    return onvif::discover(settings, net::Cancel());
}

/// A device on `interfaces`, bound to `address`, for the time of a search.
struct Device {
    using Ills = std::initializer_list<std::pair<const std::string, std::string>>;
    Device(const std::vector<std::string>& interfaces, const std::string& address, Ills ills = {},
           const std::string& id = deviceUuid)
        : ill(ills), responder(loop, camera::interfacesFor(interfaces, address), announcementOf(id),
                               address, 8123, ill) {}
    net::EventLoop loop{"device"};
    camera::Ills ill;
    camera::DiscoveryResponder responder;
};
