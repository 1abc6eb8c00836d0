#include "net/datagram.hpp"

#include "base/error.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace net {

namespace {

std::string reasonOf(int error) { return std::strerror(error); }

template <class Value>
void setOption(int descriptor, int level, int name, const Value& value) {
    // Best effort: without it the datagram takes the default way.
    (void)setsockopt(descriptor, level, name, &value, sizeof value);
}

socklen_t sizeOf(const sockaddr* address) {
    return address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

bool internet(const sockaddr* address) {
    return address && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

struct Lookup {
    bool done = false;
    GList* found = nullptr;
};

void lookedUp(GObject* resolver, GAsyncResult* result, gpointer self) {
    auto* lookup = static_cast<Lookup*>(self);
    lookup->found = g_resolver_lookup_by_name_finish(G_RESOLVER(resolver), result, nullptr);
    lookup->done = true;
}

} // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size)
    : size_(std::min<socklen_t>(size, sizeof storage_)) {
    std::memcpy(&storage_, address, size_);
}

std::optional<SocketAddress> SocketAddress::parse(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0)
        return std::nullopt;
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, freeaddrinfo);
    return SocketAddress(list->ai_addr, list->ai_addrlen);
}

std::string SocketAddress::host() const {
    char text[NI_MAXHOST] = "";
    if (getnameinfo(data(), size_, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
        return {};
    return text;
}

std::uint16_t SocketAddress::port() const {
    return ntohs(family() == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port
                                      : reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
}

void SocketAddress::setPort(std::uint16_t port) {
    if (family() == AF_INET6)
        reinterpret_cast<sockaddr_in6*>(&storage_)->sin6_port = htons(port);
    else
        reinterpret_cast<sockaddr_in*>(&storage_)->sin_port = htons(port);
}

std::vector<SocketAddress> resolve(const std::string& host, std::uint16_t port,
                                   const Cancel& cancel) {
    if (const auto numbers = SocketAddress::parse(host, port))
        return {*numbers};
    GMainContext* context = g_main_context_new();
    g_main_context_push_thread_default(context);
    GResolver* resolver = g_resolver_get_default();
    Lookup lookup;
    g_resolver_lookup_by_name_async(resolver, host.c_str(), cancel.get(), lookedUp, &lookup);
    while (!lookup.done)
        g_main_context_iteration(context, TRUE);
    g_object_unref(resolver);
    g_main_context_pop_thread_default(context);
    g_main_context_unref(context);

    std::vector<SocketAddress> found;
    for (GList* item = lookup.found; item; item = item->next) {
        const std::unique_ptr<char, void (*)(void*)> text(
            g_inet_address_to_string(G_INET_ADDRESS(item->data)), g_free);
        if (const auto address = SocketAddress::parse(text.get(), port))
            found.push_back(*address);
    }
    g_list_free_full(lookup.found, g_object_unref);
    cancel.check();
    return found;
}

std::vector<NetworkInterface> networkInterfaces() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0)
        return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owned(list, freeifaddrs);
    std::vector<NetworkInterface> found;
    for (const ifaddrs* item = list; item; item = item->ifa_next) {
        if (!(item->ifa_flags & IFF_UP) || !internet(item->ifa_addr))
            continue;
        auto it = std::find_if(found.begin(), found.end(),
                               [&](const NetworkInterface& i) { return i.name == item->ifa_name; });
        if (it == found.end()) {
            found.push_back({item->ifa_name,
                             if_nametoindex(item->ifa_name),
                             (item->ifa_flags & IFF_LOOPBACK) != 0,
                             {}});
            it = std::prev(found.end());
        }
        it->addresses.emplace_back(item->ifa_addr, sizeOf(item->ifa_addr));
    }
    return found;
}

DatagramSocket::DatagramSocket(const SocketAddress& local, unsigned interfaceIndex)
    : descriptor_(socket(local.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      family_(local.family()) {
    if (descriptor_ < 0 || bind(descriptor_, local.data(), local.size()) != 0) {
        const std::string reason = reasonOf(errno);
        if (descriptor_ >= 0)
            close(descriptor_);
        throw base::Error(base::ErrorKind::Busy, "Cannot send datagrams from " + local.host() + ".",
                          reason);
    }
    setMulticast(interfaceIndex);
}

DatagramSocket::DatagramSocket(DatagramSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), family_(other.family_) {}

DatagramSocket::~DatagramSocket() {
    if (descriptor_ >= 0)
        close(descriptor_);
}

void DatagramSocket::setMulticast(unsigned interfaceIndex) {
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
    std::string bytes(maxBytes, '\0');
    sockaddr_storage from{};
    for (;;) {
        socklen_t size = sizeof from;
        const ssize_t got = recvfrom(descriptor_, bytes.data(), bytes.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
        // An ICMP "nobody listens there" of an earlier send comes up here: it is not the end.
        if (got < 0 && (errno == EINTR || errno == ECONNREFUSED))
            continue;
        if (got < 0)
            return std::nullopt;
        bytes.resize(static_cast<std::size_t>(got));
        return Datagram{SocketAddress(reinterpret_cast<sockaddr*>(&from), size), std::move(bytes)};
    }
}

SocketAddress DatagramSocket::local() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    return {reinterpret_cast<sockaddr*>(&address), size};
}

bool waitReadable(const std::vector<DatagramSocket>& sockets, std::chrono::milliseconds timeout,
                  const Cancel& cancel) {
    cancel.check();
    std::vector<pollfd> watched;
    for (const DatagramSocket& socket : sockets)
        watched.push_back({socket.descriptor(), POLLIN, 0});
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
