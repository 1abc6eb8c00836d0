#pragma once

#include "net/address.hpp"

#include <string>
#include <vector>

namespace onvif {

constexpr std::uint16_t discoveryPort = 3702;
/// WS-Discovery's groups. The zone of the IPv6 one is the interface.
net::SocketAddress discoveryGroup(int family, unsigned interfaceIndex);

/// A way out of this machine, and whom to ask through it.
struct Way {
    net::SocketAddress local;
    unsigned interfaceIndex = 0;
    std::vector<net::SocketAddress> targets;
};

/// The interfaces of a list of names, comma separated; empty: of what the environment says in
/// ONVIF_INTERFACES, else all that are up. `missing` gets the names that are not there.
std::vector<net::NetworkInterface> chosenInterfaces(const std::string& setting,
                                                    std::vector<std::string>& missing);
/// The same; throws base::Error(Settings) when one is not there.
std::vector<net::NetworkInterface> chosenInterfaces(const std::string& setting);

/// One way per IPv4 address, as cameras sit in several nets, and one IPv6 way per interface. At
/// most 32.
std::vector<Way> waysOf(const std::vector<net::NetworkInterface>& interfaces);

} // namespace onvif
