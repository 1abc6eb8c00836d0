#include "discovery.hpp"

#include "asker.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace onvif {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Datagrams get lost: three times, and twice soon.
constexpr std::array<milliseconds, 3> sendTimes = {milliseconds(0), milliseconds(200),
                                                   milliseconds(1000)};

/// One search: asks, repeats, listens.
class Search {
public:
    Search(const std::vector<Way>& ways, const net::Cancel& cancel)
        : cancel_(cancel), asker_(ways) {}

    /// Until `timeout`, or `settle` after `enough` was first true of what was found.
    std::vector<Found> run(milliseconds timeout, milliseconds settle,
                           const std::function<bool(const std::vector<Found>&)>& enough) {
        const auto start = Clock::now();
        auto end = start + timeout;
        bool had = false;
        std::size_t sent = 0;
        for (auto now = start; now < end && !asker_.deaf() && !asker_.quota().spent();
             now = Clock::now()) {
            if (sent < sendTimes.size() && now >= start + sendTimes[sent]) {
                asker_.askAll();
                sent++;
                continue;
            }
            const auto next =
                sent < sendTimes.size() ? std::min(end, start + sendTimes[sent]) : end;
            if (net::waitReadable(asker_.descriptors(), std::chrono::ceil<milliseconds>(next - now),
                                  cancel_))
                listen();
            if (!had && enough(found_)) {
                had = true;
                end = std::min(end, Clock::now() + settle);
            }
        }
        return std::move(found_);
    }

private:
    void listen() {
        for (Found& found : asker_.listen())
            merge(found_, std::move(found), maxDevices);
    }

    const net::Cancel& cancel_;
    Asker asker_;
    std::vector<Found> found_;
};

bool anybody(const std::vector<Found>& found) { return !found.empty(); }

} // namespace

std::vector<Found> discover(const DiscoverySettings& settings, const net::Cancel& cancel) {
    auto found = Search(waysOf(chosenInterfaces(settings.interfaces)), cancel)
                     .run(settings.timeout, settings.settle, anybody);
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
        const std::string left = a.address(), right = b.address();
        return left != right ? left < right : a.endpoint < b.endpoint;
    });
    return found;
}

std::vector<Found> discoverHost(const std::string& host, milliseconds timeout,
                                const net::Cancel& cancel) {
    std::vector<Way> ways;
    for (const net::SocketAddress& target : net::resolve(host, discoveryPort, cancel))
        ways.push_back({net::SocketAddress::any(target.family(), 0), 0, {target}});
    return Search(ways, cancel).run(timeout, milliseconds(0), anybody);
}

std::optional<Found> locate(const std::string& endpoint, const DiscoverySettings& settings,
                            const net::Cancel& cancel) {
    if (endpoint.empty())
        return std::nullopt;
    const auto isIt = [&](const Found& found) { return sameId(found.endpoint, endpoint); };
    // Its answers through other interfaces and about its other type come in the same breath.
    constexpr milliseconds breath{50};
    const auto found = Search(waysOf(chosenInterfaces(settings.interfaces)), cancel)
                           .run(settings.timeout, breath, [&](const std::vector<Found>& all) {
                               return std::any_of(all.begin(), all.end(), isIt);
                           });
    const auto it = std::find_if(found.begin(), found.end(), isIt);
    return it == found.end() ? std::nullopt : std::make_optional(*it);
}

} // namespace onvif
