#include "net/datagram.hpp"

#include "base/error.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace net {

namespace {

/// A hundred cameras answer in the same millisecond, each several times.
constexpr int receiveBufferBytes = 4 * 1024 * 1024;

template <class Value>
bool setOption(int descriptor, int level, int name, const Value& value) {
    // Best effort: without it the datagram takes the default way.
    return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

/// The interface that IP_PKTINFO or IPV6_PKTINFO tells.
unsigned interfaceOf(msghdr& header) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
            in_pktinfo info;
            std::memcpy(&info, CMSG_DATA(part), sizeof info);
            return static_cast<unsigned>(info.ipi_ifindex);
        }
        if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info;
            std::memcpy(&info, CMSG_DATA(part), sizeof info);
            return info.ipi6_ifindex;
        }
    }
    return 0;
}

} // namespace

DatagramSocket::DatagramSocket(int family)
    : descriptor_(socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), family_(family) {
    if (descriptor_ < 0)
        throw base::Error(base::ErrorKind::Busy,
                          "No socket for datagrams can be had: this process has too many files "
                          "open, or may not use the network. Close some, or allow it.",
                          std::strerror(errno));
    setOption(descriptor_, SOL_SOCKET, SO_RCVBUF, receiveBufferBytes);
    const int yes = 1;
    if (family_ == AF_INET6)
        setOption(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, yes);
}

DatagramSocket::DatagramSocket(const SocketAddress& local, unsigned interfaceIndex)
    : DatagramSocket(local.family()) {
    bindTo(local);
    sendThrough(interfaceIndex);
}

DatagramSocket DatagramSocket::shared(const SocketAddress& local) {
    DatagramSocket socket(local.family());
    const int yes = 1, no = 0;
    setOption(socket.descriptor_, SOL_SOCKET, SO_REUSEADDR, yes);
    setOption(socket.descriptor_, SOL_SOCKET, SO_REUSEPORT, yes);
    if (local.family() == AF_INET6) {
        setOption(socket.descriptor_, IPPROTO_IPV6, IPV6_RECVPKTINFO, yes);
        setOption(socket.descriptor_, IPPROTO_IPV6, IPV6_MULTICAST_ALL, no);
    } else {
        setOption(socket.descriptor_, IPPROTO_IP, IP_PKTINFO, yes);
        setOption(socket.descriptor_, IPPROTO_IP, IP_MULTICAST_ALL, no);
    }
    socket.bindTo(local);
    return socket;
}

DatagramSocket::DatagramSocket(DatagramSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), family_(other.family_) {}

DatagramSocket::~DatagramSocket() {
    if (descriptor_ >= 0)
        close(descriptor_);
}

void DatagramSocket::bindTo(const SocketAddress& local) {
    if (bind(descriptor_, local.data(), local.size()) != 0)
        throw base::Error(
            base::ErrorKind::Busy,
            "Cannot use " + local.host() + " port " + std::to_string(local.port()) +
                " for datagrams: stop the program that holds it, or choose other interfaces.",
            std::strerror(errno));
}

bool DatagramSocket::join(const SocketAddress& group, unsigned interfaceIndex) {
    if (family_ == AF_INET6) {
        ipv6_mreq membership{};
        membership.ipv6mr_multiaddr =
            reinterpret_cast<const sockaddr_in6*>(group.data())->sin6_addr;
        membership.ipv6mr_interface = interfaceIndex;
        return setOption(descriptor_, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, membership);
    }
    ip_mreqn membership{};
    membership.imr_multiaddr = reinterpret_cast<const sockaddr_in*>(group.data())->sin_addr;
    membership.imr_ifindex = static_cast<int>(interfaceIndex);
    return setOption(descriptor_, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership);
}

void DatagramSocket::sendThrough(unsigned interfaceIndex) {
    const int hops = 1, loop = 1;
    if (family_ == AF_INET6) {
        setOption(descriptor_, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(interfaceIndex));
        setOption(descriptor_, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops);
        setOption(descriptor_, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop);
        return;
    }
    // Without an interface the send fails with ENETUNREACH where there is no default route.
    ip_mreqn interface {};
    interface.imr_ifindex = static_cast<int>(interfaceIndex);
    setOption(descriptor_, IPPROTO_IP, IP_MULTICAST_IF, interface);
    setOption(descriptor_, IPPROTO_IP, IP_MULTICAST_TTL, hops);
    setOption(descriptor_, IPPROTO_IP, IP_MULTICAST_LOOP, loop);
}

bool DatagramSocket::send(const SocketAddress& to, std::string_view bytes) {
    return sendto(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL, to.data(), to.size()) ==
           static_cast<ssize_t>(bytes.size());
}

std::optional<Datagram> DatagramSocket::receive() {
    std::array<char, maxBytes> buffer;
    sockaddr_storage from{};
    alignas(cmsghdr) std::array<char, 256> control;
    for (;;) {
        iovec part{buffer.data(), buffer.size()};
        msghdr header{};
        header.msg_name = &from;
        header.msg_namelen = sizeof from;
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        const ssize_t got = recvmsg(descriptor_, &header, 0);
        // An ICMP "nobody listens there" of an earlier send comes up here: it is not the end.
        if (got < 0 && (errno == EINTR || errno == ECONNREFUSED))
            continue;
        if (got < 0)
            return std::nullopt;
        if (header.msg_flags & MSG_TRUNC)
            continue;
        return Datagram{SocketAddress(reinterpret_cast<sockaddr*>(&from), header.msg_namelen),
                        std::string(buffer.data(), static_cast<std::size_t>(got)),
                        interfaceOf(header)};
    }
}

SocketAddress DatagramSocket::local() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    return {reinterpret_cast<sockaddr*>(&address), size};
}

NetworkChanges::NetworkChanges()
    : descriptor_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {
    sockaddr_nl wanted{};
    wanted.nl_family = AF_NETLINK;
    wanted.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (descriptor_ >= 0 &&
        bind(descriptor_, reinterpret_cast<const sockaddr*>(&wanted), sizeof wanted) != 0)
        close(std::exchange(descriptor_, -1));
}

NetworkChanges::~NetworkChanges() {
    if (descriptor_ >= 0)
        close(descriptor_);
}

bool NetworkChanges::take() {
    std::array<char, 8192> buffer;
    bool any = false;
    // What they say is asked of the system afterwards; ENOBUFS says that some were lost.
    while (descriptor_ >= 0) {
        const ssize_t got = recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno != ENOBUFS && errno != EINTR)
            break;
        any = true;
    }
    return any;
}

bool waitReadable(const std::vector<int>& descriptors, std::chrono::milliseconds timeout,
                  const Cancel& cancel) {
    cancel.check();
    std::vector<pollfd> watched;
    for (const int descriptor : descriptors)
        if (descriptor >= 0)
            watched.push_back({descriptor, POLLIN, 0});
    const int wake = g_cancellable_get_fd(cancel.get());
    if (wake >= 0)
        watched.push_back({wake, POLLIN, 0});
    const int ready = poll(watched.data(), watched.size(), static_cast<int>(timeout.count()));
    if (wake >= 0)
        g_cancellable_release_fd(cancel.get());
    cancel.check();
    return ready > 0;
}

} // namespace net
