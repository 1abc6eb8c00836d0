#include "web/playoutdelay.hpp"

#include <algorithm>
#include <cmath>

namespace web {

int PlayoutDelay::attempts(double loss) {
    if (loss < ignoredLoss)
        return 0;
    constexpr int most = 10; // browsers give up then
    const double fails = 1 - (1 - loss) * (1 - loss);
    double missing = loss;
    int count = 0;
    for (; count < most && missing > acceptedLoss; count++)
        missing *= fails;
    return count;
}

void PlayoutDelay::remember(Clock::time_point now, double loss) {
    const auto since = last_ ? std::max(now - *last_, Clock::duration::zero()) : Clock::duration{};
    const double halves = std::chrono::duration<double>(since) / halfLife;
    const double kept = loss_ * std::exp2(-halves);
    // Of some hundred packets a report says little: half of what is new in it. The first ones are
    // all that is known.
    loss_ = isNew() ? loss_ + (loss - loss_) / (reports_ + 1) : std::max(kept, (loss + loss_) / 2);
    last_ = now;
    reports_ = std::min(reports_ + 1, enough);
}

PlayoutDelay::Milliseconds PlayoutDelay::aim(Milliseconds roundTrip, Milliseconds jitter,
                                             std::uint64_t sent) const {
    double loss = loss_;
    if (isNew() && missed_ > 0 && !overtaken_ && sent > 0)
        loss = std::max(loss, std::min((missed_ + 1) / static_cast<double>(sent), believed));
    const int count = attempts(loss);
    if (count == 0 || (count == 1 && roundTrip < quick))
        return least_;
    const auto needed = notice + roundTrip + 2 * jitter + (count - 1) * patience;
    return std::clamp(needed, least_, std::max(least_, most_));
}

PlayoutDelay::Milliseconds PlayoutDelay::missed(Milliseconds age, std::uint64_t sent) {
    missed_++;
    roundTrip_ = std::min(age, roundTrip_.value_or(age)); // it takes no longer than that
    return aim(*roundTrip_, Milliseconds(0), sent);
}

PlayoutDelay::Milliseconds PlayoutDelay::report(Clock::time_point now, const Report& report) {
    remember(now, std::clamp(report.loss, 0.0, 1.0));
    // The last one may be too young for the report.
    overtaken_ = overtaken_ || (report.loss <= 0 && missed_ > 1);
    // One that took long is a chance of the moment.
    const Milliseconds told = report.roundTrip > Milliseconds(0) ? report.roundTrip : unknown;
    const Milliseconds roundTrip = std::min(told, roundTrip_.value_or(told));
    roundTrip_ = told;
    return aim(roundTrip, report.jitter, report.sent);
}

int DelaySlope::at(std::uint32_t timestamp, int target) {
    constexpr std::int32_t longest = 1000 * perMillisecond;
    const auto passed = last_ ? static_cast<std::int32_t>(timestamp - *last_) : 0;
    last_ = timestamp;
    const int time = std::clamp(passed, 0, longest);
    ticks_ += std::clamp(target * perMillisecond - ticks_, -time / 20, time / 2);
    return now();
}

void DelaySlope::skip(int milliseconds, int target) {
    ticks_ = std::max(ticks_, std::min(milliseconds / 2, target) * perMillisecond);
}

} // namespace web
