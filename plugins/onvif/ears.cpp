#include "ears.hpp"

#include "base/error.hpp"
#include "ways.hpp"

#include <algorithm>

namespace onvif {

namespace {

constexpr std::size_t maxSockets = 32;
constexpr int maxPerSocket = 256; ///< so that a flood does not keep the caller

bool has(const net::NetworkInterface& interface, int family) {
    return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                       [&](const auto& address) { return address.family() == family; });
}

} // namespace

Ears::Ears(const std::vector<net::NetworkInterface>& interfaces) {
    for (const auto& interface : interfaces)
        for (const int family : {AF_INET, AF_INET6})
            if (has(interface, family) && sockets_.size() < maxSockets)
                open(family, interface.index);
}

/// One socket per interface and family: so each knows what it joined, whatever else is bound.
void Ears::open(int family, unsigned interfaceIndex) {
    try {
        const auto group = discoveryGroup(family, interfaceIndex);
        auto socket = net::DatagramSocket::shared(group);
        if (socket.join(group, interfaceIndex))
            sockets_.push_back(std::move(socket));
    } catch (const base::Error&) {
        // The rounds of questions find everybody too, later.
    }
}

std::vector<Heard> Ears::listen() {
    std::vector<Heard> all;
    const auto now = Quota::Clock::now();
    for (net::DatagramSocket& socket : sockets_)
        for (int i = 0; i < maxPerSocket; i++) {
            const auto datagram = socket.receive();
            if (!datagram)
                break;
            if (!quota_.admit(datagram->from, datagram->bytes.size(), now))
                continue;
            if (auto said = announcement(datagram->bytes))
                all.push_back({std::move(*said), datagram->from});
        }
    return all;
}

std::vector<int> Ears::descriptors() const {
    std::vector<int> all;
    for (const net::DatagramSocket& socket : sockets_)
        all.push_back(socket.descriptor());
    return all;
}

} // namespace onvif
