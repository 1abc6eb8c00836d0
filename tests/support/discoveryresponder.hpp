#pragma once

#include "net/eventloop.hpp"
#include "support/discoverymessage.hpp"
#include "support/ills.hpp"

#include <memory>
#include <string>
#include <vector>

namespace camera {

/// An interface that discovery can use, with an address of it.
struct Interface {
    unsigned index = 0;
    std::string name;
    std::string address; ///< IPv4 or IPv6, numbers; a link-local one with its "%interface"
    bool loopback = false;
};

/// Interfaces that are up and have an address of a family that `address` serves: those named, or,
/// when `names` is empty, those that own `address`. 0.0.0.0 serves all of IPv4, :: all of both
/// families; then an interface comes once for each.
std::vector<Interface> interfacesFor(const std::vector<std::string>& names,
                                     const std::string& address);

/// Answers WS-Discovery probes, multicast and unicast, on port 3702 of the given interfaces, and
/// says Hello and Bye there. Shares the port with other cameras and tools on this machine.
class DiscoveryResponder {
public:
    /// Lives in the thread of `loop`. `device.xaddr` is the path of the device service; what comes
    /// before it is `boundTo` (or, for a wildcard, the address of the interface that is spoken on)
    /// and `httpPort`. Throws base::Error when the port cannot be had.
    DiscoveryResponder(net::EventLoop& loop, const std::vector<Interface>& interfaces,
                       Announcement device, std::string boundTo, unsigned httpPort,
                       const Ills& ills);
    ~DiscoveryResponder();
    DiscoveryResponder(const DiscoveryResponder&) = delete;
    DiscoveryResponder& operator=(const DiscoveryResponder&) = delete;

private:
    class Impl;
    net::EventLoop& loop_;
    std::unique_ptr<Impl> impl_;
};

} // namespace camera
