#include "discovery.hpp"

#include "base/error.hpp"
#include "net/datagram.hpp"
#include "net/random.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace onvif {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint16_t discoveryPort = 3702;
constexpr std::size_t maxSockets = 32, maxDevices = 256, maxDatagrams = 4096;
/// Datagrams get lost: three times, and twice soon.
constexpr std::array<milliseconds, 3> sendTimes = {milliseconds(0), milliseconds(200),
                                                   milliseconds(1000)};

/// A way out and whom to ask through it.
struct Way {
    net::SocketAddress local;
    unsigned interfaceIndex = 0;
    std::vector<net::SocketAddress> targets;
};

std::vector<std::string> names(const std::string& list) {
    std::vector<std::string> out;
    std::string name;
    for (const char c : list + ",") {
        if (c == ',' && !name.empty())
            out.push_back(std::exchange(name, {}));
        else if (c != ',' && c != ' ')
            name += c;
    }
    return out;
}

std::vector<net::NetworkInterface> chosenInterfaces(const std::string& setting) {
    const char* environment = std::getenv("ONVIF_INTERFACES");
    const auto wanted = names(!setting.empty() ? setting : environment ? environment : "");
    const auto all = net::networkInterfaces();
    if (wanted.empty())
        return all;
    std::vector<net::NetworkInterface> chosen;
    for (const std::string& name : wanted) {
        const auto it =
            std::find_if(all.begin(), all.end(), [&](const auto& i) { return i.name == name; });
        if (it == all.end()) {
            std::string have;
            for (const auto& i : all)
                have += (have.empty() ? "" : ", ") + i.name;
            throw base::Error(base::ErrorKind::Settings,
                              "There is no network interface '" + name +
                                  "' that is up; set interfaces to some of: " + have + ".");
        }
        chosen.push_back(*it);
    }
    return chosen;
}

bool linkLocal(const net::SocketAddress& address) {
    const std::string host = address.host();
    return host.compare(0, 4, "fe80") == 0;
}

/// The ways of one interface: one per IPv4 address, as cameras sit in several nets, and one IPv6.
void addWays(const net::NetworkInterface& interface, std::vector<Way>& ways) {
    bool six = false;
    for (const net::SocketAddress& local : interface.addresses) {
        if (ways.size() >= maxSockets)
            return;
        Way way{local, interface.index, {}};
        if (local.family() == AF_INET) {
            way.targets.push_back(*net::SocketAddress::parse("239.255.255.250", discoveryPort));
            // Multicast on loopback depends on who joined where; its one host can simply be asked.
            if (interface.loopback)
                way.targets.push_back(*net::SocketAddress::parse("127.0.0.1", discoveryPort));
        } else if (!six && (linkLocal(local) || interface.loopback)) {
            six = true;
            const auto group =
                net::SocketAddress::parse("ff02::c%" + interface.name, discoveryPort);
            if (!group)
                continue;
            way.targets.push_back(*group);
        }
        if (!way.targets.empty())
            ways.push_back(std::move(way));
    }
}

/// One search: sends, repeats, listens, and knows its own questions.
class Search {
public:
    Search(const std::vector<Way>& ways, const net::Cancel& cancel) : cancel_(cancel) {
        for (const Way& way : ways) {
            try {
                sockets_.emplace_back(way.local, way.interfaceIndex);
                targets_.push_back(way.targets);
            } catch (const base::Error&) {
                // An address that just went away: the others remain.
            }
        }
    }

    std::vector<Found> run(milliseconds timeout, milliseconds settle) {
        const auto start = Clock::now();
        auto end = start + timeout;
        std::size_t sent = 0;
        while (!sockets_.empty() && datagrams_ < maxDatagrams) {
            const auto now = Clock::now();
            if (now >= end)
                break;
            if (sent < sendTimes.size() && now >= start + sendTimes[sent]) {
                ask();
                sent++;
                continue;
            }
            const auto next =
                sent < sendTimes.size() ? std::min(end, start + sendTimes[sent]) : end;
            const auto wait = std::chrono::ceil<milliseconds>(next - now);
            const bool nobodyYet = found_.empty();
            if (net::waitReadable(sockets_, wait, cancel_))
                listen();
            if (nobodyYet && !found_.empty())
                end = std::min(end, Clock::now() + settle);
        }
        return std::move(found_);
    }

private:
    /// A new MessageID each time: a device that has answered and was not heard answers again.
    void ask() {
        for (const ProbeType type : {ProbeType::NetworkVideoTransmitter, ProbeType::Device}) {
            messageIds_.push_back(net::randomUuid());
            const std::string message = probeMessage(type, messageIds_.back());
            for (std::size_t i = 0; i < sockets_.size(); i++)
                for (const net::SocketAddress& target : targets_[i])
                    sockets_[i].send(target, message);
        }
    }

    void listen() {
        for (net::DatagramSocket& socket : sockets_) {
            while (datagrams_ < maxDatagrams) {
                const auto datagram = socket.receive();
                if (!datagram)
                    break;
                datagrams_++;
                for (Found& f : probeMatches(datagram->bytes, datagram->from.host(), messageIds_))
                    merge(found_, std::move(f), maxDevices);
            }
        }
    }

    const net::Cancel& cancel_;
    std::vector<net::DatagramSocket> sockets_;
    std::vector<std::vector<net::SocketAddress>> targets_; ///< by socket
    std::vector<std::string> messageIds_;
    std::vector<Found> found_;
    std::size_t datagrams_ = 0;
};

} // namespace

std::vector<Found> discover(const DiscoverySettings& settings, const net::Cancel& cancel) {
    std::vector<Way> ways;
    for (const net::NetworkInterface& interface : chosenInterfaces(settings.interfaces))
        addWays(interface, ways);
    auto found = Search(ways, cancel).run(settings.timeout, settings.settle);
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
        const std::string left = a.address(), right = b.address();
        return left != right ? left < right : a.endpoint < b.endpoint;
    });
    return found;
}

std::vector<Found> discoverHost(const std::string& host, milliseconds timeout,
                                const net::Cancel& cancel) {
    std::vector<Way> ways;
    for (const net::SocketAddress& target : net::resolve(host, discoveryPort, cancel)) {
        const char* any = target.family() == AF_INET6 ? "::" : "0.0.0.0";
        ways.push_back({*net::SocketAddress::parse(any, 0), 0, {target}});
    }
    return Search(ways, cancel).run(timeout, milliseconds(0));
}

} // namespace onvif
