#include "web/frametimes.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace web {
namespace {

/// How much later `a` is than `b`, by the best clock that both know. Two streams that arrive
/// together and are a second apart in the camera's clock are not of one clock.
std::optional<std::int64_t> between(const Moment& a, const Moment& b) {
    const bool arrival = a.running >= 0 && b.running >= 0;
    const bool clock = a.ntp >= 0 && b.ntp >= 0;
    if (clock && !(arrival && std::abs(a.ntp - b.ntp - a.running + b.running) > FrameTimes::apart))
        return a.ntp - b.ntp;
    return arrival ? std::optional(a.running - b.running) : std::nullopt;
}

} // namespace

void FrameTimes::add(std::uint32_t rtp, Moment moment) {
    if (!frames_.empty() && frames_.back().rtp == rtp)
        return; // the next packet of the same frame
    frames_.push_back({rtp, moment});
    if (frames_.size() > capacity)
        frames_.pop_front();
}

FrameTimes::Match FrameTimes::find(const Moment& moment) const {
    if (frames_.empty())
        return {Answer::Later};
    const auto newest = between(moment, frames_.back().moment);
    if (!newest)
        return {};
    if (*newest > same)
        return {*newest > apart ? Answer::Never : Answer::Later};
    const auto distance = [&](const Frame& frame) {
        const auto gap = between(moment, frame.moment);
        return gap ? std::abs(*gap) : apart + 1;
    };
    const auto nearest =
        std::min_element(frames_.begin(), frames_.end(),
                         [&](const Frame& a, const Frame& b) { return distance(a) < distance(b); });
    const std::int64_t gap = distance(*nearest);
    if (gap > apart)
        return {};
    return {Answer::Found, nearest->rtp, gap};
}

} // namespace web
