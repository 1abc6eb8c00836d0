#include "net/address.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace net {

namespace {

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

SocketAddress SocketAddress::any(int family, std::uint16_t port) {
    return *parse(family == AF_INET6 ? "::" : "0.0.0.0", port);
}

std::string SocketAddress::host() const {
    char text[NI_MAXHOST] = "";
    if (getnameinfo(data(), size_, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
        return {};
    return text;
}

std::uint16_t SocketAddress::port() const {
    return ntohs(family() == AF_INET6 ? six().sin6_port : four().sin_port);
}

bool SocketAddress::linkLocal() const {
    if (family() == AF_INET6)
        return IN6_IS_ADDR_LINKLOCAL(&six().sin6_addr);
    return ntohl(four().sin_addr.s_addr) >> 16 == 0xa9fe;
}

bool SocketAddress::loopback() const {
    if (family() == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&six().sin6_addr);
    return ntohl(four().sin_addr.s_addr) >> 24 == 127;
}

bool SocketAddress::isAny() const {
    if (family() == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&six().sin6_addr);
    return four().sin_addr.s_addr == 0;
}

bool SocketAddress::sameNumber(const SocketAddress& other) const {
    if (family() != other.family())
        return false;
    if (family() == AF_INET6)
        return std::memcmp(&six().sin6_addr, &other.six().sin6_addr, sizeof(in6_addr)) == 0;
    return four().sin_addr.s_addr == other.four().sin_addr.s_addr;
}

void SocketAddress::setPort(std::uint16_t port) {
    if (family() == AF_INET6)
        reinterpret_cast<sockaddr_in6*>(&storage_)->sin6_port = htons(port);
    else
        reinterpret_cast<sockaddr_in*>(&storage_)->sin_port = htons(port);
}

SocketAddress SocketAddress::withPort(std::uint16_t port) const {
    SocketAddress other = *this;
    other.setPort(port);
    return other;
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

} // namespace net
