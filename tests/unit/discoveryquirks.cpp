// The search for cameras against the virtual camera's discovery, with the ills of real ones.
#include "discoverydevice.hpp"

#include "net/datagram.hpp"

#include <cstdio>

using namespace onvif;
using std::chrono::milliseconds;

static void findsOne(std::initializer_list<std::pair<const std::string, std::string>> ills) {
    enterOwnNetwork();
    const Device device({"lo"}, "127.0.0.1", ills);
    const auto found = find("lo");
    ck_assert_uint_eq(found.size(), 1);
    CHECK_STR(found[0].address(), "http://127.0.0.1:8123/onvif/device_service");
    CHECK_STR(found[0].endpoint, (std::string("urn:uuid:") + deviceUuid));
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
    camera::Announcement printer{deviceUuid, {"ldap:///ou=floor"}, "/print"};
    printer.types = "wsdp:Device wprt:PrintDeviceType";
    const camera::DiscoveryResponder responder(loop, camera::interfacesFor({"lo"}, "127.0.0.1"),
                                               printer, "127.0.0.1", 80, ills);
    ck_assert(find("lo", milliseconds(400), milliseconds(3000)).empty());
}
END_TEST

/// Asked by itself, by name or number.
START_TEST(unicastD9) {
    enterOwnNetwork();
    const Device device({"lo"}, "127.0.0.1");
    const auto found = discoverHost("127.0.0.1", std::chrono::seconds(20), net::Cancel());
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
    const auto asked = discoverHost("::1", std::chrono::seconds(20), net::Cancel());
    ck_assert_uint_eq(asked.size(), 1);
}
END_TEST

CHECK_MAIN("discoveryquirks", healthy, nvtOnlyD1, deviceOnlyD1, ignoresUntypedD2,
           answersEverythingD3, prefixesAsTextD4, noLineBreaksD4, severalAddressesD5, zeroAddressD6,
           partsD7, otherPortD7, lostProbesD9, multicastOnlyD9, rawScopesD10, printerD3, unicastD9,
           ipv6LoopbackD5)
