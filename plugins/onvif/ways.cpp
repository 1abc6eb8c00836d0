#include "ways.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace onvif {

namespace {

constexpr std::size_t maxWays = 32;

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

Way wayFrom(const net::SocketAddress& local, unsigned interfaceIndex) {
    Way way{local, interfaceIndex, {discoveryGroup(local.family(), interfaceIndex)}};
    // Multicast on loopback depends on who joined where, and IPv6 has no route for it there; its
    // one host can simply be asked.
    if (local.loopback()) {
        way.targets.push_back(local);
        way.targets.back().setPort(discoveryPort);
    }
    return way;
}

/// Every camera that speaks IPv6 is on the link; a net without link-local addresses is odd, but
/// there.
const net::SocketAddress* bestIpv6(const std::vector<net::SocketAddress>& addresses) {
    const net::SocketAddress* best = nullptr;
    for (const net::SocketAddress& address : addresses)
        if (address.family() == AF_INET6 && (!best || (address.linkLocal() && !best->linkLocal())))
            best = &address;
    return best;
}

} // namespace

net::SocketAddress discoveryGroup(int family, unsigned interfaceIndex) {
    if (family == AF_INET)
        return *net::SocketAddress::parse("239.255.255.250", discoveryPort);
    return *net::SocketAddress::parse("ff02::c%" + std::to_string(interfaceIndex), discoveryPort);
}

std::vector<net::NetworkInterface> chosenInterfaces(const std::string& setting,
                                                    std::vector<std::string>& missing) {
    const char* environment = std::getenv("ONVIF_INTERFACES");
    const auto wanted = names(!setting.empty() ? setting : environment ? environment : "");
    auto all = net::networkInterfaces();
    if (wanted.empty())
        return all;
    std::vector<net::NetworkInterface> chosen;
    for (const std::string& name : wanted) {
        const auto it =
            std::find_if(all.begin(), all.end(), [&](const auto& i) { return i.name == name; });
        if (it == all.end())
            missing.push_back(name);
        else
            chosen.push_back(*it);
    }
    return chosen;
}

std::vector<net::NetworkInterface> chosenInterfaces(const std::string& setting) {
    std::vector<std::string> missing;
    auto chosen = chosenInterfaces(setting, missing);
    if (missing.empty())
        return chosen;
    std::string have;
    for (const auto& i : net::networkInterfaces())
        have += (have.empty() ? "" : ", ") + i.name;
    throw base::Error(base::ErrorKind::Settings,
                      "There is no network interface '" + missing.front() +
                          "' that is up; set interfaces to some of: " + have + ".");
}

std::vector<Way> waysOf(const std::vector<net::NetworkInterface>& interfaces) {
    std::vector<Way> ways;
    for (const net::NetworkInterface& interface : interfaces) {
        for (const net::SocketAddress& local : interface.addresses)
            if (local.family() == AF_INET)
                ways.push_back(wayFrom(local, interface.index));
        if (const auto* local = bestIpv6(interface.addresses))
            ways.push_back(wayFrom(*local, interface.index));
    }
    ways.resize(std::min(ways.size(), maxWays));
    return ways;
}

} // namespace onvif
