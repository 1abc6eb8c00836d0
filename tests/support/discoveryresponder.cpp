#include "support/discoveryresponder.hpp"

#include "base/error.hpp"

#include <glib-unix.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace camera {
namespace {

constexpr std::uint16_t discoveryPort = 3702;
constexpr const char* discoveryGroup = "239.255.255.250";
constexpr int maxPerWakeup = 64; ///< so that a flood does not starve the web service

[[noreturn]] void cannotDiscover(const char* what) {
    throw base::Error(base::ErrorKind::Failed,
                      "WS-Discovery cannot be answered on UDP port 3702; start without it "
                      "(--no-discovery) or see which program holds the port.",
                      std::string(what) + ": " + std::strerror(errno));
}

sockaddr_in groupAddress() {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(discoveryPort);
    inet_pton(AF_INET, discoveryGroup, &to.sin_addr);
    return to;
}

/// Owns the descriptor.
class Socket {
public:
    Socket() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        if (fd_ < 0)
            cannotDiscover("socket");
    }
    ~Socket() { close(fd_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int fd() const { return fd_; }

    void set(int level, int option, int value) const {
        if (setsockopt(fd_, level, option, &value, sizeof value) != 0)
            cannotDiscover("setsockopt");
    }

private:
    int fd_;
};

} // namespace

std::vector<Interface> interfacesFor(const std::vector<std::string>& names,
                                     const std::string& address) {
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0)
        return {};
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(all, freeifaddrs);
    std::vector<Interface> found;
    for (const ifaddrs* i = all; i; i = i->ifa_next) {
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP))
            continue;
        char text[INET_ADDRSTRLEN] = "";
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(i->ifa_addr)->sin_addr, text,
                  sizeof text);
        const bool loopback = i->ifa_flags & IFF_LOOPBACK;
        const bool wanted = names.empty()
                                ? address == "0.0.0.0" || address == text ||
                                      (loopback && address.compare(0, 4, "127.") == 0)
                                : std::find(names.begin(), names.end(), i->ifa_name) != names.end();
        const int index = static_cast<int>(if_nametoindex(i->ifa_name));
        const bool known = std::any_of(found.begin(), found.end(),
                                       [&](const Interface& f) { return f.index == index; });
        if (wanted && !known)
            found.push_back({index, i->ifa_name, text, loopback});
    }
    return found;
}

class DiscoveryResponder::Impl {
public:
    Impl(std::vector<Interface> interfaces, Announcement device, std::string boundTo,
         unsigned httpPort)
        : interfaces_(std::move(interfaces)), device_(std::move(device)), path_(device_.xaddr),
          boundTo_(std::move(boundTo)), httpPort_(httpPort) {
        socket_.set(SOL_SOCKET, SO_REUSEADDR, 1);
        socket_.set(IPPROTO_IP, IP_PKTINFO, 1);
        socket_.set(IPPROTO_IP, IP_MULTICAST_LOOP, 1); // other programs on this machine listen too
        socket_.set(IPPROTO_IP, IP_MULTICAST_ALL, 0);  // only the groups and interfaces joined here
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_port = htons(discoveryPort);
        if (bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0)
            cannotDiscover("bind");
        for (const Interface& interface : interfaces_)
            join(interface);
        source_ = g_unix_fd_source_new(socket_.fd(), G_IO_IN);
        g_source_set_callback(source_, G_SOURCE_FUNC(onReadable), this, nullptr);
        g_source_attach(source_, g_main_context_get_thread_default());
        toAll(hello);
    }

    ~Impl() {
        toAll(bye);
        g_source_destroy(source_);
        g_source_unref(source_);
    }

private:
    void join(const Interface& interface) const {
        ip_mreqn group{};
        group.imr_multiaddr = groupAddress().sin_addr;
        group.imr_ifindex = interface.index;
        if (setsockopt(socket_.fd(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) != 0)
            cannotDiscover("join");
    }

    Announcement announcement(const Interface& interface) const {
        Announcement device = device_;
        const std::string& host = boundTo_ == "0.0.0.0" ? interface.address : boundTo_;
        device.xaddr = "http://" + host + ":" + std::to_string(httpPort_) + path_;
        return device;
    }

    /// Multicast on each interface. A network that cannot be reached just now is no failure.
    void toAll(std::string (*make)(const Announcement&)) const {
        for (const Interface& interface : interfaces_) {
            ip_mreqn out{};
            out.imr_ifindex = interface.index;
            setsockopt(socket_.fd(), IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out);
            const std::string text = make(announcement(interface));
            const sockaddr_in to = groupAddress();
            sendto(socket_.fd(), text.data(), text.size(), 0,
                   reinterpret_cast<const sockaddr*>(&to), sizeof to);
        }
    }

    static gboolean onReadable(gint, GIOCondition, gpointer data) {
        for (int i = 0; i < maxPerWakeup && static_cast<Impl*>(data)->receive(); ++i) {
        }
        return G_SOURCE_CONTINUE;
    }

    bool receive() {
        sockaddr_in from{};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in_pktinfo))];
        iovec part{buffer_.data(), buffer_.size()};
        msghdr header{};
        header.msg_name = &from;
        header.msg_namelen = sizeof from;
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        const ssize_t size = recvmsg(socket_.fd(), &header, 0);
        if (size < 0)
            return errno == EINTR;
        int index = 0;
        for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c))
            if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
                in_pktinfo info;
                std::memcpy(&info, CMSG_DATA(c), sizeof info);
                index = info.ipi_ifindex;
            }
        if (!(header.msg_flags & MSG_TRUNC))
            answer({buffer_.data(), static_cast<std::size_t>(size)}, index, from);
        return true;
    }

    void answer(std::string_view datagram, int index, const sockaddr_in& to) const {
        const auto interface = std::find_if(interfaces_.begin(), interfaces_.end(),
                                            [&](const Interface& i) { return i.index == index; });
        if (interface == interfaces_.end())
            return;
        const auto probe = matchingProbe(datagram, device_.scopes);
        if (!probe)
            return;
        const std::string text = probeMatches(*probe, announcement(*interface));
        sendto(socket_.fd(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to);
    }

    std::vector<Interface> interfaces_;
    Announcement device_;
    std::string path_, boundTo_;
    unsigned httpPort_;
    Socket socket_;
    GSource* source_ = nullptr;
    std::vector<char> buffer_ = std::vector<char>(maxDatagram);
};

DiscoveryResponder::DiscoveryResponder(net::EventLoop& loop, std::vector<Interface> interfaces,
                                       Announcement device, std::string boundTo, unsigned httpPort)
    : loop_(loop) {
    loop_.call([&] {
        impl_ = std::make_unique<Impl>(std::move(interfaces), std::move(device), std::move(boundTo),
                                       httpPort);
    });
}

DiscoveryResponder::~DiscoveryResponder() {
    loop_.call([this] { impl_.reset(); });
}

} // namespace camera
