#pragma once

#include "net/address.hpp"
#include "net/cancel.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace net {

struct Datagram {
    SocketAddress from;
    std::string bytes;
    unsigned interfaceIndex = 0; ///< where it came in; known to a `shared` socket only
};

/// A UDP socket that never blocks.
class DatagramSocket {
public:
    static constexpr std::size_t maxBytes = 64 * 1024;

    /// On `local` (port 0: any free one), sending multicast out of `interfaceIndex` with one hop
    /// and hearing itself, so that what runs on this machine is found too. Throws base::Error.
    DatagramSocket(const SocketAddress& local, unsigned interfaceIndex);
    /// On a port that others on this machine hold too, if they share it as well. Bound to a group's
    /// own address it hears that group and takes no datagram that was meant for another program.
    /// Hears only what it joins. Throws base::Error.
    static DatagramSocket shared(const SocketAddress& local);
    DatagramSocket(DatagramSocket&& other) noexcept;
    DatagramSocket& operator=(DatagramSocket&&) = delete;
    ~DatagramSocket();

    /// Hears `group` on that interface from now on; false when it cannot.
    bool join(const SocketAddress& group, unsigned interfaceIndex);
    /// Sends multicast out of that interface from now on.
    void sendThrough(unsigned interfaceIndex);
    /// False when it could not go out; nothing is thrown, as no datagram is certain anyway.
    bool send(const SocketAddress& to, std::string_view bytes);
    /// The next datagram that is there, if any; one that is larger than `maxBytes` is dropped.
    std::optional<Datagram> receive();

    SocketAddress local() const;
    int family() const { return family_; }
    int descriptor() const { return descriptor_; }

private:
    explicit DatagramSocket(int family);
    void bindTo(const SocketAddress& local);

    int descriptor_ = -1;
    int family_ = AF_INET;
};

/// Tells that an interface or an address came or went.
class NetworkChanges {
public:
    /// Where the system does not tell, nothing is ever heard; then one looks from time to time.
    NetworkChanges();
    NetworkChanges(const NetworkChanges&) = delete;
    ~NetworkChanges();

    int descriptor() const { return descriptor_; } ///< -1: there is none
    /// Whether there was news since the last call.
    bool take();

private:
    int descriptor_ = -1;
};

/// Waits until one of the descriptors (-1 is left out) can be read or time is up. Throws Cancelled.
bool waitReadable(const std::vector<int>& descriptors, std::chrono::milliseconds timeout,
                  const Cancel& cancel);

} // namespace net
