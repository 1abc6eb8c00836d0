// A hundred cameras on one network: how long until all are found, and how many. Run in a network of
// its own (tests/support/own-network). The cameras take up to half a second to answer, as
// WS-Discovery lets them.
//   discovery [COMMAND...]   measures COMMAND beside, which prints "found N in S s" by itself
#include "discovery.hpp"
#include "net/eventloop.hpp"
#include "support/discoveryresponder.hpp"
#include "watcher.hpp"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <sys/resource.h>
#include <thread>

using namespace onvif;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t devices = 100;

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double processorSeconds() {
    rusage use{};
    getrusage(RUSAGE_THREAD, &use);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(use.ru_utime) + seconds(use.ru_stime);
}

/// Devices on 127.0.1.1 and following, all in one thread.
class Crowd {
public:
    Crowd() {
        for (std::size_t i = 1; i <= devices; i++) {
            char uuid[40];
            std::snprintf(uuid, sizeof uuid, "00000000-0000-5000-8000-%012zu", i);
            const std::string address = "127.0.1." + std::to_string(i);
            responders_.push_back(std::make_unique<camera::DiscoveryResponder>(
                loop_, camera::interfacesFor({"lo"}, address),
                camera::Announcement{uuid,
                                     {"onvif://www.onvif.org/Profile/Streaming",
                                      "onvif://www.onvif.org/name/Camera%20" + std::to_string(i)},
                                     "/onvif/device_service"},
                address, 80, ills_));
        }
    }

private:
    net::EventLoop loop_{"crowd"};
    camera::Ills ills_{{"discovery-delay", "500"}};
    std::vector<std::unique_ptr<camera::DiscoveryResponder>> responders_;
};

void search() {
    DiscoverySettings settings;
    settings.interfaces = "lo";
    settings.timeout = settings.settle = milliseconds(1700);
    const auto start = Clock::now();
    const double processor = processorSeconds();
    const auto found = discover(settings, net::Cancel());
    std::printf("search      found %3zu of %zu in %.2f s, %.0f ms of processor time\n",
                found.size(), devices, secondsSince(start),
                1000 * (processorSeconds() - processor));
}

void watch() {
    std::mutex mutex;
    std::vector<double> times;
    WatcherSettings settings;
    settings.interfaces = "lo";
    const auto start = Clock::now();
    {
        const Watcher watcher(settings, [&](const Change& change) {
            const std::lock_guard<std::mutex> lock(mutex);
            if (change.kind == Change::Kind::Added)
                times.push_back(secondsSince(start));
        });
        std::this_thread::sleep_for(milliseconds(3000));
    }
    std::printf(
        "watcher     found %3zu of %zu, the first after %.2f s, half after %.2f s, the last "
        "after %.2f s\n",
        times.size(), devices, times.empty() ? 0 : times.front(),
        times.empty() ? 0 : times[times.size() / 2], times.empty() ? 0 : times.back());
}

void locateOne() {
    DiscoverySettings settings;
    settings.interfaces = "lo";
    const auto start = Clock::now();
    const auto found = locate("urn:uuid:00000000-0000-5000-8000-000000000077", settings, {});
    std::printf("locate      %s in %.2f s\n", found ? found->address().c_str() : "nobody",
                secondsSince(start));
}

} // namespace

int main(int argc, char** argv) {
    const Crowd crowd;
    for (int i = 0; i < 3; i++) {
        search();
        watch();
        locateOne();
    }
    std::fflush(stdout);
    // The way that others take without asking: the group is on loopback too.
    std::string command;
    for (int i = 1; i < argc; i++)
        command += (i == 1 ? "ip route add 239.255.255.250 dev lo; " : " ") + std::string(argv[i]);
    return command.empty() || std::system(command.c_str()) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
