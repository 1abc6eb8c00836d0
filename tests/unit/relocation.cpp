#include "relocation.hpp"

#include "check.hpp"
#include "net/eventloop.hpp"
#include "support/discoveryresponder.hpp"
#include "support/ownnetwork.hpp"

using namespace onvif;

static const std::string uuid = "11111111-2222-5333-8444-555555555555";
static const std::string endpoint = "urn:uuid:" + uuid;

/// A device that says it is `id`, on a host of this machine.
struct Device {
    Device(const std::string& address, unsigned port, const std::string& id = uuid,
           std::initializer_list<std::pair<const std::string, std::string>> illnesses = {})
        : ills(illnesses),
          responder(loop, camera::interfacesFor({"lo"}, address),
                    {id, {"onvif://www.onvif.org/Profile/Streaming"}, "/onvif/device_service"},
                    address, port, ills) {}
    net::EventLoop loop{"device"};
    camera::Ills ills;
    camera::DiscoveryResponder responder;
};

static net::Url serviceAt(const std::string& place, const std::string& scheme = "http") {
    return *net::Url::parse(scheme + "://" + place + "/onvif/device_service");
}

START_TEST(whoIsThere) {
    enterOwnNetwork();
    const Device device("127.0.0.1", 8123);
    const net::Cancel cancel;
    CHECK_STR(endpointAt(serviceAt("127.0.0.1:8123"), cancel), endpoint);
    CHECK_STR(endpointAt(serviceAt("127.0.0.1:8124"), cancel), "");
}
END_TEST

/// Both probes, and both of their repetitions after 200 ms.
START_TEST(fourProbesGetLost) {
    enterOwnNetwork();
    const Device device("127.0.0.1", 8123, uuid, {{"discovery-lossy", "4"}});
    CHECK_STR(endpointAt(serviceAt("127.0.0.1:8123"), net::Cancel()), endpoint);
}
END_TEST

START_TEST(anotherPortOfTheHost) {
    enterOwnNetwork();
    const Device device("127.0.0.1", 8123);
    const net::Cancel cancel;
    const std::string there = serviceAt("127.0.0.1:8123").text();
    CHECK_STR(movedOnHost(endpoint, serviceAt("127.0.0.1:8000"), cancel).value_or(""), there);
    CHECK_STR(movedTo(endpoint, serviceAt("127.0.0.1:8000"), "lo", cancel).value_or(""), there);
    // It is where it was; another device is there; what is there has no certificate.
    ck_assert(!movedOnHost(endpoint, serviceAt("127.0.0.1:8123"), cancel));
    ck_assert(!movedOnHost("urn:uuid:other", serviceAt("127.0.0.1:8000"), cancel));
    ck_assert(!movedOnHost(endpoint, serviceAt("127.0.0.1:8000", "https"), cancel));
    ck_assert(!movedTo(endpoint, serviceAt("127.0.0.1:8000", "https"), "lo", cancel));
}
END_TEST

START_TEST(anotherHost) {
    enterOwnNetwork();
    const Device device("127.0.0.2", 8123);
    const net::Cancel cancel;
    const net::Url before = serviceAt("127.0.0.1:8123");
    CHECK_STR(movedTo(endpoint, before, "lo", cancel).value_or(""),
              serviceAt("127.0.0.2:8123").text());
    ck_assert(!movedOnHost(endpoint, before, cancel));
}
END_TEST

CHECK_MAIN("relocation", whoIsThere, fourProbesGetLost, anotherPortOfTheHost, anotherHost)
