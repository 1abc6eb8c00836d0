#include "support/discoveryresponder.hpp"

#include "base/error.hpp"
#include "net/datagram.hpp"
#include "net/url.hpp"
#include "support/discoveryills.hpp"

#include <glib-unix.h>

#include <algorithm>
#include <deque>

namespace camera {
namespace {

constexpr std::uint16_t discoveryPort = 3702;
constexpr std::size_t maxLate = 64;
constexpr int maxPerWakeup = 64; ///< so that a flood does not starve the web service

bool wildcard(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

net::SocketAddress groupOf(const net::SocketAddress& local, unsigned interfaceIndex) {
    return local.family() == AF_INET
               ? *net::SocketAddress::parse("239.255.255.250", discoveryPort)
               : *net::SocketAddress::parse("ff02::c%" + std::to_string(interfaceIndex),
                                            discoveryPort);
}

/// Which address of an interface a camera that is bound to `bound` has on it; nothing when its
/// family is not served, or when `strictly` its own is wanted and that is elsewhere.
const net::SocketAddress* addressOn(const net::NetworkInterface& interface,
                                    const net::SocketAddress& bound, int family, bool strictly) {
    const net::SocketAddress* best = nullptr;
    for (const net::SocketAddress& address : interface.addresses) {
        if (address.family() != family)
            continue;
        if (address.sameNumber(bound))
            return &address;
        // All of 127/8 is loopback's, whatever is listed.
        if (!strictly || bound.isAny() || (interface.loopback && bound.loopback()))
            if (!best || (address.linkLocal() && !best->linkLocal()))
                best = &address;
    }
    return best;
}

} // namespace

std::vector<Interface> interfacesFor(const std::vector<std::string>& names,
                                     const std::string& address) {
    const auto bound = net::SocketAddress::parse(address, 0);
    std::vector<Interface> found;
    for (const net::NetworkInterface& interface : net::networkInterfaces()) {
        const bool named = std::find(names.begin(), names.end(), interface.name) != names.end();
        if (!bound || (!names.empty() && !named))
            continue;
        for (const int family : {AF_INET, AF_INET6}) {
            if (family != bound->family() && address != "::")
                continue;
            if (const auto* own = addressOn(interface, *bound, family, !named))
                found.push_back({interface.index, interface.name, own->host(), interface.loopback});
        }
    }
    return found;
}

/// The device on one address of one interface: hears what is sent to that address and to the group.
class DiscoveryPort {
public:
    DiscoveryPort(net::EventLoop& loop, const Interface& interface, const Announcement& device,
                  std::string boundTo, unsigned httpPort, const Ills& ills)
        : loop_(loop), ills_(ills), device_(device), local_(localAddress(interface, boundTo)),
          group_(groupOf(local_, interface.index)), own_(net::DatagramSocket::shared(local_)),
          heard_(net::DatagramSocket::shared(group_)), other_(local_.withPort(0), interface.index) {
        if (!heard_.join(group_, interface.index))
            throw base::Error(base::ErrorKind::Failed, "The discovery group cannot be joined.");
        own_.sendThrough(interface.index);
        net::Url service;
        service.scheme = "http";
        service.host = wildcard(boundTo) ? interface.address : boundTo;
        service.port = static_cast<int>(httpPort);
        service.rest = device_.xaddr;
        device_.xaddr = service.text();
        watch(own_, onOwn);
        watch(heard_, onGroup);
        own_.send(group_, hello(device_));
    }
    ~DiscoveryPort() {
        own_.send(group_, bye(device_));
        for (GSource* source : sources_) {
            g_source_destroy(source);
            g_source_unref(source);
        }
    }
    DiscoveryPort(const DiscoveryPort&) = delete;
    DiscoveryPort& operator=(const DiscoveryPort&) = delete;

private:
    /// A camera that is bound to one of 127/8 speaks from there.
    static net::SocketAddress localAddress(const Interface& interface, const std::string& boundTo) {
        const auto bound = net::SocketAddress::parse(boundTo, discoveryPort);
        return bound && bound->loopback() && interface.loopback
                   ? *bound
                   : *net::SocketAddress::parse(interface.address, discoveryPort);
    }

    void watch(const net::DatagramSocket& socket, GUnixFDSourceFunc wake) {
        GSource* source = g_unix_fd_source_new(socket.descriptor(), G_IO_IN);
        g_source_set_callback(source, G_SOURCE_FUNC(wake), this, nullptr);
        g_source_attach(source, g_main_context_get_thread_default());
        sources_.push_back(source);
    }
    static gboolean onOwn(gint, GIOCondition, gpointer self) {
        auto* port = static_cast<DiscoveryPort*>(self);
        port->receive(port->own_, port->ills_.has("discovery-no-unicast"));
        return G_SOURCE_CONTINUE;
    }
    static gboolean onGroup(gint, GIOCondition, gpointer self) {
        auto* port = static_cast<DiscoveryPort*>(self);
        port->receive(port->heard_, false);
        return G_SOURCE_CONTINUE;
    }

    void receive(net::DatagramSocket& socket, bool silent) {
        for (int i = 0; i < maxPerWakeup; i++) {
            const auto datagram = socket.receive();
            if (!datagram)
                return;
            if (!silent)
                answer(*datagram);
        }
    }

    void answer(const net::Datagram& datagram) {
        const auto probe = ailingProbe(datagram.bytes, device_.scopes, ills_);
        if (!probe || gotLost())
            return;
        const auto send = [this, to = datagram.from,
                           texts = ailingMatches(*probe, device_, ills_)] {
            net::DatagramSocket& from = ills_.has("discovery-other-port") ? other_ : own_;
            for (const std::string& text : texts)
                from.send(to, text);
        };
        const auto delay = static_cast<int>(ills_.number("discovery-delay"));
        if (delay <= 0) {
            send();
            return;
        }
        if (late_.size() >= maxLate)
            late_.pop_front();
        late_.push_back(loop_.after(std::chrono::milliseconds(g_random_int_range(0, delay)), send));
    }

    bool gotLost() {
        lost_ = ills_.has("discovery-lossy") ? lost_ + 1 : 0;
        return lost_ > 0 && lost_ <= ills_.number("discovery-lossy");
    }

    net::EventLoop& loop_;
    const Ills& ills_;
    Announcement device_;
    net::SocketAddress local_, group_;
    net::DatagramSocket own_, heard_, other_;
    std::vector<GSource*> sources_;
    long lost_ = 0;
    std::deque<net::Timer> late_; ///< the latest answers, most of them gone out
};

class DiscoveryResponder::Impl {
public:
    std::vector<std::unique_ptr<DiscoveryPort>> ports;
};

DiscoveryResponder::DiscoveryResponder(net::EventLoop& loop,
                                       const std::vector<Interface>& interfaces,
                                       Announcement device, std::string boundTo, unsigned httpPort,
                                       const Ills& ills)
    : loop_(loop), impl_(std::make_unique<Impl>()) {
    loop_.call([&] {
        std::string reason;
        for (const Interface& interface : interfaces) {
            try {
                impl_->ports.push_back(std::make_unique<DiscoveryPort>(loop_, interface, device,
                                                                       boundTo, httpPort, ills));
            } catch (const base::Error& error) {
                reason = std::string(error.what()) + " " + error.details();
            }
        }
        if (impl_->ports.empty())
            throw base::Error(base::ErrorKind::Failed,
                              "WS-Discovery cannot be answered on UDP port 3702; start without it "
                              "(--no-discovery) or see which program holds the port.",
                              reason);
    });
}

DiscoveryResponder::~DiscoveryResponder() {
    loop_.call([this] { impl_.reset(); });
}

} // namespace camera
