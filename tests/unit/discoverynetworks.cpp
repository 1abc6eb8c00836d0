// The search for cameras over several interfaces, which the test makes in a network of its own.
#include "discoverydevice.hpp"

#include "watcher.hpp"

#include <glib.h>
#include <sys/wait.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <set>

using namespace onvif;

static bool run(const std::string& command) { return std::system(command.c_str()) == 0; }

/// An interface with an IPv4 address and, once it may be used, an IPv6 one.
static bool addInterface(const std::string& name, const std::string& address) {
    return run("ip link add " + name + " type veth peer name " + name + "peer && ip link set " +
               name + "peer up && ip addr add " + address + "/24 dev " + name + " && ip link set " +
               name + " up");
}

/// Where the kernel has IPv6, an interface gets an address for its link soon after it is up.
static bool waitForIpv6(const std::string& name) {
    if (!run("test -e /proc/sys/net/ipv6/conf/" + name))
        return false;
    for (int i = 0; i < 600; i++) {
        if (run("ip -6 addr show dev " + name + " scope link -tentative | grep -q inet6"))
            return true;
        g_usleep(50000);
    }
    ck_abort_msg("%s got no IPv6 address", name.c_str());
}

static bool has(const std::vector<std::string>& addresses, const std::string& part) {
    return std::any_of(addresses.begin(), addresses.end(), [&](const std::string& address) {
        return address.find(part) != std::string::npos;
    });
}

/// Quirks D5, D7, D8: two networks, no default route, the same camera on both in both families.
START_TEST(twoInterfacesD8) {
    ck_assert(enterOwnNetwork() && addInterface("one", "10.78.0.1") &&
              addInterface("two", "10.79.0.1"));
    const bool six = waitForIpv6("one") && waitForIpv6("two");
    const Device device({"one", "two"}, "::");
    const auto found = find("one,two", std::chrono::seconds(3));
    ck_assert_uint_eq(found.size(), 1);
    const auto addresses = found[0].addresses();
    CHECK_STR(found[0].address(), "http://10.78.0.1:8123/onvif/device_service");
    ck_assert(has(addresses, "http://10.79.0.1:8123/"));
    if (six) {
        ck_assert(has(addresses, "%25one]:8123/") && has(addresses, "%25two]:8123/"));
        ck_assert(has(addresses, "http://[fe80::"));
    }
    // The one interface that was chosen, and nothing of the other.
    const auto alone = find("two");
    ck_assert_uint_eq(alone.size(), 1);
    CHECK_STR(alone[0].address(), "http://10.79.0.1:8123/onvif/device_service");
}
END_TEST

/// IPv6 alone: found with its zone, told by multicast on the link.
START_TEST(ipv6OnlyD5) {
    ck_assert(enterOwnNetwork() && addInterface("one", "10.78.0.1"));
    if (!waitForIpv6("one")) {
        std::puts("ipv6OnlyD5: skipped, this kernel has no IPv6");
        return;
    }
    ck_assert(run("ip addr del 10.78.0.1/24 dev one"));
    const Device device({"one"}, "::");
    const auto found = find("one");
    ck_assert_uint_eq(found.size(), 1);
    ck_assert(found[0].address().find("http://[fe80::") == 0);
    ck_assert(found[0].address().find("%25one]:8123/onvif/device_service") != std::string::npos);
}
END_TEST

/// A watcher that waits for a network to come. It has looked once when it knows the first camera.
START_TEST(interfaceAppears) {
    ck_assert(enterOwnNetwork());
    std::mutex mutex;
    std::condition_variable news;
    std::set<std::string> addresses;
    const auto wait = [&](const std::string& address) {
        std::unique_lock<std::mutex> lock(mutex);
        ck_assert_msg(news.wait_for(lock, std::chrono::minutes(2),
                                    [&] { return addresses.count(address) != 0; }),
                      "no camera came at %s", address.c_str());
    };
    const Device first({"lo"}, "127.0.0.1");
    WatcherSettings settings;
    settings.interfaces = "lo,late";
    settings.interval = std::chrono::hours(1);
    const Watcher watcher(settings, [&](const Change& change) {
        const std::lock_guard<std::mutex> lock(mutex);
        addresses.insert(change.camera.address());
        news.notify_all();
    });
    wait("http://127.0.0.1:8123/onvif/device_service");
    ck_assert(addInterface("late", "10.78.0.1"));
    const Device second({"late"}, "0.0.0.0", {}, "66666666-2222-5333-8444-555555555555");
    wait("http://10.78.0.1:8123/onvif/device_service");
}
END_TEST

/// In a process of its own, as a process has one network at a time.
static bool interfacesCanBeMade() {
    const pid_t child = fork();
    if (child == 0)
        _exit(enterOwnNetwork() && addInterface("try", "10.78.0.1") ? 0 : 1);
    int status = 1;
    waitpid(child, &status, 0);
    return status == 0;
}

int main() {
    if (!interfacesCanBeMade()) {
        std::puts("skipped: no network interfaces can be made here");
        return 77;
    }
    return runSuite("discoverynetworks", {twoInterfacesD8, ipv6OnlyD5, interfaceAppears});
}
