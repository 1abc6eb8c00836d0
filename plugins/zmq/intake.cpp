#include "zmq/intake.hpp"

#include <linux/tcp.h> // netinet's does not have all that the system tells
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace imagezmq {

/// Nothing where the system does not count.
static std::uint64_t receivedBy(int descriptor) {
    tcp_info info{};
    socklen_t size = sizeof info;
    return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0
               ? info.tcpi_bytes_received
               : 0;
}

void Intake::connected(int descriptor) { begun_[descriptor] = receivedBy(descriptor); }

void Intake::whole(int descriptor) {
    const auto found = begun_.find(descriptor);
    if (found != begun_.end())
        found->second = receivedBy(descriptor);
    else
        for (auto& [each, begun] : begun_)
            begun = receivedBy(each);
}

bool Intake::overflows() const {
    return std::any_of(begun_.begin(), begun_.end(), [this](const auto& connection) {
        return receivedBy(connection.first) > connection.second + most_;
    });
}

} // namespace imagezmq
