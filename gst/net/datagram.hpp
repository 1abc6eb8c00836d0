#pragma once

#include "net/cancel.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace net {

/// An IPv4 or IPv6 address with a port.
class SocketAddress {
public:
    SocketAddress() = default;
    SocketAddress(const sockaddr* address, socklen_t size);
    /// From numbers, "192.0.2.1" or "fe80::1%eth0"; nothing for a name.
    static std::optional<SocketAddress> parse(const std::string& host, std::uint16_t port);

    std::string host() const; ///< numbers; a link-local address with its "%interface"
    std::uint16_t port() const;
    void setPort(std::uint16_t port);
    int family() const { return storage_.ss_family; }
    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t size() const { return size_; }

private:
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

struct Datagram {
    SocketAddress from;
    std::string bytes;
};

/// A UDP socket that never blocks.
class DatagramSocket {
public:
    static constexpr std::size_t maxBytes = 64 * 1024;

    /// On `local` (port 0: any free one), sending multicast out of `interfaceIndex` with one hop
    /// and hearing itself, so that what runs on this machine is found too. Throws base::Error.
    DatagramSocket(const SocketAddress& local, unsigned interfaceIndex);
    DatagramSocket(DatagramSocket&& other) noexcept;
    DatagramSocket& operator=(DatagramSocket&&) = delete;
    ~DatagramSocket();

    /// False when it could not go out; nothing is thrown, as no datagram is certain anyway.
    bool send(const SocketAddress& to, std::string_view bytes);
    /// The next datagram that is there, if any; one that is larger than `maxBytes` is cut.
    std::optional<Datagram> receive();

    SocketAddress local() const;
    int family() const { return family_; }
    int descriptor() const { return descriptor_; }

private:
    void setMulticast(unsigned interfaceIndex);

    int descriptor_ = -1;
    int family_ = AF_INET;
};

/// Waits until one of the sockets has something or time is up. Throws Cancelled.
bool waitReadable(const std::vector<DatagramSocket>& sockets, std::chrono::milliseconds timeout,
                  const Cancel& cancel);

} // namespace net
