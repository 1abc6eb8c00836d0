#pragma once

#include "net/datagram.hpp"
#include "probe.hpp"
#include "quota.hpp"

#include <vector>

namespace onvif {

struct Heard {
    Announcement announcement;
    net::SocketAddress from;
};

/// Hears Hello and Bye on WS-Discovery's port, beside the other programs of this machine that do
/// so. Bound to the groups' addresses, it takes nothing that is meant for a device here.
class Ears {
public:
    /// Hears what it can: nothing where somebody holds the port for himself.
    explicit Ears(const std::vector<net::NetworkInterface>& interfaces);

    /// What is there now. At most some hundred datagrams each time.
    std::vector<Heard> listen();
    const Quota& quota() const { return quota_; }
    std::vector<int> descriptors() const;

private:
    void open(int family, unsigned interfaceIndex);

    std::vector<net::DatagramSocket> sockets_;
    Quota quota_;
};

} // namespace onvif
