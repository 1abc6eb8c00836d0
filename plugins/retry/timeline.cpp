#include "timeline.hpp"

#include <algorithm>

namespace retry {
namespace {

/// Stamps are the network's: their sums may wrap, and do so without harm.
std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

} // namespace

Timeline::Place Timeline::place(std::optional<std::int64_t> stamp, Time now) {
    if (!stamp)
        return {latest_ = std::max(latest_, now), false};
    const std::int64_t anchor = difference(std::max(latest_, now).count(), *stamp);
    if (!offset_)
        offset_ = anchor;
    Time at(sum(*stamp, *offset_));
    const bool jumped = at > now + ahead || at < now - behind;
    if (jumped) {
        offset_ = anchor;
        at = Time(sum(*stamp, anchor));
    }
    at = std::max(at, Time(0));
    latest_ = std::max(latest_, at);
    return {at, jumped};
}

} // namespace retry
