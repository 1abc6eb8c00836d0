// The search for cameras against the virtual camera's discovery, with the ills of real ones.
#include "discovery.hpp"
#include "watcher.hpp"

#include "check.hpp"
#include "net/datagram.hpp"
#include "net/eventloop.hpp"
#include "support/discoveryresponder.hpp"
#include "support/ownnetwork.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>

using namespace onvif;
using std::chrono::milliseconds;

static const char* uuid = "11111111-2222-5333-8444-555555555555";

static camera::Announcement announcementOf(const std::string& id = uuid) {
    return {id,
            {"onvif://www.onvif.org/Profile/Streaming", "onvif://www.onvif.org/name/Back%20door"},
            "/onvif/device_service"};
}

static std::vector<Found> find(const std::string& interfaces) {
    DiscoverySettings settings;
    settings.interfaces = interfaces;
    settings.timeout = milliseconds(3000);
    settings.settle = milliseconds(400);
    return discover(settings, net::Cancel());
}

/// A device on `interfaces`, bound to `address`, for the time of a search.
struct Device {
    Device(const std::vector<std::string>& interfaces, const std::string& address,
           std::initializer_list<std::pair<const std::string, std::string>> ills = {})
        : ill(ills), responder(loop, camera::interfacesFor(interfaces, address), announcementOf(),
                               address, 8123, ill) {}
    net::EventLoop loop{"device"};
    camera::Ills ill;
    camera::DiscoveryResponder responder;
};

static void findsOne(std::initializer_list<std::pair<const std::string, std::string>> ills) {
    enterOwnNetwork();
    const Device device({"lo"}, "127.0.0.1", ills);
    const auto found = find("lo");
    ck_assert_uint_eq(found.size(), 1);
    CHECK_STR(found[0].address(), "http://127.0.0.1:8123/onvif/device_service");
    CHECK_STR(found[0].endpoint, (std::string("urn:uuid:") + uuid));
    CHECK_STR(found[0].name(), "Back door");
}

#define QUIRK(name, ...)                                                                           \
    START_TEST(name) { findsOne({__VA_ARGS__}); }                                                  \
    END_TEST

START_TEST(healthy) { findsOne({}); }
END_TEST

using Ill = std::pair<const std::string, std::string>;
QUIRK(nvtOnlyD1, Ill("discovery-nvt-only", ""))
QUIRK(deviceOnlyD1, Ill("discovery-device-only", ""))
QUIRK(ignoresUntypedD2, Ill("discovery-ignores-untyped", ""))
QUIRK(answersEverythingD3, Ill("discovery-any-type", ""), Ill("discovery-any-scope", ""))
QUIRK(prefixesAsTextD4, Ill("discovery-prefix-text", ""))
QUIRK(noLineBreaksD4, Ill("discovery-line-breaks", ""))
QUIRK(severalAddressesD5, Ill("discovery-xaddrs", "https://127.0.0.1/s,http://169.254.1.2/x"))
QUIRK(zeroAddressD6, Ill("discovery-zero-xaddr", ""))
QUIRK(partsD7, Ill("discovery-split", ""))
QUIRK(otherPortD7, Ill("discovery-other-port", ""))
QUIRK(lostProbesD9, Ill("discovery-lossy", "4"))
QUIRK(multicastOnlyD9, Ill("discovery-no-unicast", ""))
QUIRK(rawScopesD10, Ill("discovery-raw-scopes", ""))

/// A printer answers to everything, and is no camera.
START_TEST(printerD3) {
    enterOwnNetwork();
    net::EventLoop loop("printer");
    const camera::Ills ills{{"discovery-any-type", ""}, {"discovery-any-scope", ""}};
    camera::Announcement printer{uuid, {"ldap:///ou=floor"}, "/print"};
    printer.types = "wsdp:Device wprt:PrintDeviceType";
    const camera::DiscoveryResponder responder(loop, camera::interfacesFor({"lo"}, "127.0.0.1"),
                                               printer, "127.0.0.1", 80, ills);
    ck_assert(find("lo").empty());
}
END_TEST

/// Asked by itself, by name or number.
START_TEST(unicastD9) {
    enterOwnNetwork();
    const Device device({"lo"}, "127.0.0.1");
    const auto found = discoverHost("127.0.0.1", milliseconds(3000), net::Cancel());
    ck_assert_uint_eq(found.size(), 1);
    CHECK_STR(found[0].address(), "http://127.0.0.1:8123/onvif/device_service");
}
END_TEST

static bool ipv6() {
    for (const auto& interface : net::networkInterfaces())
        for (const auto& address : interface.addresses)
            if (address.family() == AF_INET6)
                return true;
    std::puts("skipped: there is no IPv6 here");
    return false;
}

START_TEST(ipv6LoopbackD5) {
    enterOwnNetwork();
    if (!ipv6())
        return;
    const Device device({"lo"}, "::1");
    const auto found = find("lo");
    ck_assert_uint_eq(found.size(), 1);
    CHECK_STR(found[0].address(), "http://[::1]:8123/onvif/device_service");
    const auto asked = discoverHost("::1", milliseconds(3000), net::Cancel());
    ck_assert_uint_eq(asked.size(), 1);
}
END_TEST

static bool run(const std::string& command) { return std::system(command.c_str()) == 0; }

/// An interface with an IPv4 address and, once it may be used, an IPv6 one.
static bool addInterface(const std::string& name, const std::string& address) {
    if (!run("ip link add " + name + " type veth peer name " + name + "peer && ip link set " +
             name + "peer up && ip addr add " + address + "/24 dev " + name + " && ip link set " +
             name + " up")) {
        std::puts("skipped: no interfaces can be made here");
        return false;
    }
    return true;
}

static void waitForIpv6() {
    for (int i = 0; i < 200 && !run("test -z \"$(ip -6 addr show tentative)\""); i++)
        g_usleep(50000);
}

/// Quirks D5, D7, D8: two networks, no default route, the same camera on both in both families.
START_TEST(twoInterfacesD8) {
    if (!enterOwnNetwork() || !addInterface("one", "10.78.0.1") ||
        !addInterface("two", "10.79.0.1"))
        return;
    waitForIpv6();
    const Device device({"one", "two"}, "::");
    const auto found = find("one,two");
    ck_assert_uint_eq(found.size(), 1);
    const auto addresses = found[0].addresses();
    const auto has = [&](const std::string& part) {
        return std::any_of(addresses.begin(), addresses.end(), [&](const std::string& address) {
            return address.find(part) != std::string::npos;
        });
    };
    CHECK_STR(found[0].address(), "http://10.78.0.1:8123/onvif/device_service");
    ck_assert(has("http://10.79.0.1:8123/"));
    if (ipv6()) {
        ck_assert(has("%25one]:8123/") && has("%25two]:8123/"));
        ck_assert(has("http://[fe80::"));
    }
    // The one interface that was chosen, and nothing of the other.
    const auto alone = find("two");
    ck_assert_uint_eq(alone.size(), 1);
    CHECK_STR(alone[0].address(), "http://10.79.0.1:8123/onvif/device_service");
}
END_TEST

/// IPv6 alone: found with its zone, told by multicast on the link.
START_TEST(ipv6OnlyD5) {
    if (!enterOwnNetwork() || !addInterface("one", "10.78.0.1") || !ipv6())
        return;
    waitForIpv6();
    run("ip addr del 10.78.0.1/24 dev one");
    const Device device({"one"}, "::");
    const auto found = find("one");
    ck_assert_uint_eq(found.size(), 1);
    ck_assert(found[0].address().find("http://[fe80::") == 0);
    ck_assert(found[0].address().find("%25one]:8123/onvif/device_service") != std::string::npos);
}
END_TEST

/// A watcher that waits for a network to come.
START_TEST(interfaceAppears) {
    if (!enterOwnNetwork())
        return;
    std::mutex mutex;
    std::condition_variable news;
    std::string address;
    WatcherSettings settings;
    settings.interfaces = "late";
    settings.interval = std::chrono::hours(1);
    const Watcher watcher(settings, [&](const Change& change) {
        const std::lock_guard<std::mutex> lock(mutex);
        address = change.camera.address();
        news.notify_all();
    });
    g_usleep(100000); // it has looked and found no interface
    if (!addInterface("late", "10.78.0.1"))
        return;
    const Device device({"late"}, "0.0.0.0");
    std::unique_lock<std::mutex> lock(mutex);
    ck_assert(news.wait_for(lock, std::chrono::seconds(50), [&] { return !address.empty(); }));
    CHECK_STR(address, "http://10.78.0.1:8123/onvif/device_service");
}
END_TEST

CHECK_MAIN("discoveryquirks", healthy, nvtOnlyD1, deviceOnlyD1, ignoresUntypedD2,
           answersEverythingD3, prefixesAsTextD4, noLineBreaksD4, severalAddressesD5, zeroAddressD6,
           partsD7, otherPortD7, lostProbesD9, multicastOnlyD9, rawScopesD10, printerD3, unicastD9,
           ipv6LoopbackD5, twoInterfacesD8, ipv6OnlyD5, interfaceAppears)
