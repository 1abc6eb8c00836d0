// Prints the ONVIF cameras that answer: run_discovery [INTERFACE[,INTERFACE…] | HOST]
// [MILLISECONDS]
#include "base/error.hpp"
#include "discovery.hpp"
#include "net/datagram.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

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
    for (const std::string& xaddr : found.xaddrs)
        std::printf("  says      %s\n", xaddr.c_str());
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
        return run(argc > 1 ? argv[1] : "",
                   std::chrono::milliseconds(argc > 2 ? std::max(1, std::atoi(argv[2])) : 2000));
    } catch (const base::Error& error) {
        std::fprintf(stderr, "run_discovery: %s\n", error.what());
        return 2;
    }
}
