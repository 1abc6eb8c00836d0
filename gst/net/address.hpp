#pragma once

#include "net/cancel.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace net {

/// An IPv4 or IPv6 address with a port.
class SocketAddress {
public:
    SocketAddress() = default;
    SocketAddress(const sockaddr* address, socklen_t size);
    /// From numbers, "192.0.2.1" or "fe80::1%eth0"; nothing for a name.
    static std::optional<SocketAddress> parse(const std::string& host, std::uint16_t port);
    /// All addresses of a family, "0.0.0.0" or "::".
    static SocketAddress any(int family, std::uint16_t port);

    std::string host() const; ///< numbers; a link-local address with its "%interface"
    std::uint16_t port() const;
    void setPort(std::uint16_t port);
    SocketAddress withPort(std::uint16_t port) const;
    int family() const { return storage_.ss_family; }
    bool linkLocal() const; ///< 169.254/16 or fe80::/10
    bool loopback() const;  ///< 127/8 or ::1
    bool isAny() const;
    /// The same number, whatever the port and the scope.
    bool sameNumber(const SocketAddress& other) const;
    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t size() const { return size_; }

private:
    const sockaddr_in& four() const { return reinterpret_cast<const sockaddr_in&>(storage_); }
    const sockaddr_in6& six() const { return reinterpret_cast<const sockaddr_in6&>(storage_); }

    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

/// Host name or numbers to addresses, best first; empty when there is none. Ends at once on
/// `cancel`.
std::vector<SocketAddress> resolve(const std::string& host, std::uint16_t port,
                                   const Cancel& cancel);

/// A network interface that is up, with the addresses it has.
struct NetworkInterface {
    std::string name;
    unsigned index = 0;
    bool loopback = false;
    std::vector<SocketAddress> addresses; ///< port 0
};

/// All that are up and have an address, in the system's order.
std::vector<NetworkInterface> networkInterfaces();

} // namespace net
