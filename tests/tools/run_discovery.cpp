// Prints the ONVIF cameras that answer: run_discovery [INTERFACE[,INTERFACE…] | HOST]
// [MILLISECONDS], or follows who comes and goes: run_discovery watch [INTERFACE[,INTERFACE…]]
#include "base/error.hpp"
#include "discovery.hpp"
#include "net/datagram.hpp"
#include "watcher.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

bool isInterfaces(const std::string& word) {
    const auto all = net::networkInterfaces();
    const std::string first = word.substr(0, word.find(','));
    return word.empty() ||
           std::any_of(all.begin(), all.end(), [&](const auto& i) { return i.name == first; });
}

void print(const onvif::Found& found) {
    std::printf("%s\n  name      %s\n  hardware  %s\n  endpoint  %s\n  answered  from %s\n",
                found.address().c_str(), found.name().c_str(), found.hardware().c_str(),
                found.endpoint.c_str(), found.sender.c_str());
    for (const std::string& address : found.addresses())
        std::printf("  reached   %s\n", address.c_str());
    for (const std::string& xaddr : found.xaddrs)
        std::printf("  says      %s\n", xaddr.c_str());
}

[[noreturn]] void watch(const std::string& interfaces) {
    onvif::WatcherSettings settings;
    settings.interfaces = interfaces;
    const onvif::Watcher watcher(settings, [](const onvif::Change& change) {
        const char* words[] = {"come:", "changed:", "gone:"};
        std::printf("%s ", words[static_cast<int>(change.kind)]);
        print(change.camera);
        std::fflush(stdout);
    });
    for (;;)
        std::this_thread::sleep_for(std::chrono::hours(1));
}

int run(const std::string& where, std::chrono::milliseconds timeout) {
    const auto start = std::chrono::steady_clock::now();
    onvif::DiscoverySettings settings;
    settings.interfaces = where;
    settings.timeout = settings.settle = timeout;
    const auto found = isInterfaces(where) ? onvif::discover(settings, net::Cancel())
                                           : onvif::discoverHost(where, timeout, net::Cancel());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    for (const onvif::Found& camera : found)
        print(camera);
    std::printf("%zu found in %.2f s\n", found.size(), took.count());
    return found.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc > 1 && std::string(argv[1]) == "watch")
            watch(argc > 2 ? argv[2] : "");
        return run(argc > 1 ? argv[1] : "",
                   std::chrono::milliseconds(argc > 2 ? std::max(1, std::atoi(argv[2])) : 2000));
    } catch (const base::Error& error) {
        std::fprintf(stderr, "run_discovery: %s\n", error.what());
        return 2;
    }
}
