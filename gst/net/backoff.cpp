#include "net/backoff.hpp"

#include <algorithm>
#include <utility>

namespace net {

/// Doubled this often, any delay is past any bound (ten minutes from one millisecond).
constexpr unsigned enoughDoublings = 20;

Backoff::Backoff(Milliseconds shortest, Milliseconds longest, std::function<double()> random)
    : shortest_(std::max(shortest, Milliseconds(1))), longest_(std::max(longest, shortest_)),
      random_(std::move(random)) {}

Backoff::Milliseconds Backoff::next(bool answered) {
    const Milliseconds bound = answered ? longest_ : std::min(longest_, std::max(shortest_, knock));
    const Milliseconds whole = std::min(bound, Milliseconds(shortest_.count() << doublings_));
    doublings_ = std::min(doublings_ + 1, enoughDoublings);
    return std::chrono::duration_cast<Milliseconds>(whole * (0.5 + random_() / 2));
}

} // namespace net
