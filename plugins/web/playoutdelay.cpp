#include "web/playoutdelay.hpp"

#include <algorithm>
#include <cmath>

namespace web {

int PlayoutDelay::attempts(double loss) {
    if (loss < ignoredLoss)
        return 0;
    constexpr int enough = 10; // browsers give up then
    const double fails = 1 - (1 - loss) * (1 - loss);
    double missing = loss;
    int count = 0;
    for (; count < enough && missing > acceptedLoss; count++)
        missing *= fails;
    return count;
}

void PlayoutDelay::remember(Clock::time_point now, double loss) {
    const auto since = last_ ? std::max(now - *last_, Clock::duration::zero()) : Clock::duration{};
    const double halves = std::chrono::duration<double>(since) / halfLife;
    const double kept = loss_ * std::exp2(-halves);
    // Of some hundred packets a report says little: half of what is new in it. The first is all
    // that is known.
    loss_ = last_ ? std::max(kept, (loss + loss_) / 2) : loss;
    last_ = now;
}

PlayoutDelay::Milliseconds PlayoutDelay::report(Clock::time_point now, const Report& report) {
    remember(now, std::clamp(report.loss, 0.0, 1.0));
    // One that took long is a chance of the moment.
    const Milliseconds told = report.roundTrip > Milliseconds(0) ? report.roundTrip : unknown;
    const Milliseconds roundTrip = std::min(told, roundTrip_.value_or(told));
    roundTrip_ = told;
    const int count = attempts(loss_);
    if (count == 0 || (count == 1 && roundTrip < quick))
        return least_;
    const auto needed = notice + roundTrip + 2 * report.jitter + (count - 1) * patience;
    return std::clamp(needed, least_, std::max(least_, most_));
}

int DelaySlope::at(std::uint32_t timestamp, int target) {
    constexpr std::int32_t longest = 1000 * perMillisecond;
    const auto passed = last_ ? static_cast<std::int32_t>(timestamp - *last_) : 0;
    last_ = timestamp;
    const int time = std::clamp(passed, 0, longest);
    ticks_ += std::clamp(target * perMillisecond - ticks_, -time / 50, time / 2);
    return ticks_ / perMillisecond;
}

} // namespace web
