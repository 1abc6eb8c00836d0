#include "meter.hpp"

#include <algorithm>

namespace yolo {

void Meter::count(double ms, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    const std::size_t at = timing_.inferences++ % window;
    recent_[at] = ms;
    when_[at] = now;
    timing_.lastMs = ms;
    timing_.meanMs += (ms - timing_.meanMs) / static_cast<double>(timing_.inferences);
}

Timing Meter::timing() const {
    const std::lock_guard lock(mutex_);
    Timing timing = timing_;
    const auto n = std::min<std::size_t>(timing.inferences, window);
    if (n == 0)
        return timing;
    auto recent = recent_;
    std::sort(recent.begin(), recent.begin() + static_cast<std::ptrdiff_t>(n));
    timing.p50Ms = recent[(n - 1) / 2];
    timing.p95Ms = recent[(n * 95 - 1) / 100];
    const auto newest = when_[(timing.inferences - 1) % window];
    const auto oldest = when_[n < window ? 0 : timing.inferences % window];
    const double seconds = std::chrono::duration<double>(newest - oldest).count();
    if (seconds > 0)
        timing.perSecond = static_cast<double>(n - 1) / seconds;
    return timing;
}

} // namespace yolo
