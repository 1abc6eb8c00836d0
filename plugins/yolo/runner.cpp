#include "runner.hpp"

#include <algorithm>

namespace yolo {

void Runner::setLimits(Limits limits) {
    const std::lock_guard lock(mutex_);
    limits_ = std::move(limits);
}

Result Runner::run(const Input& input) {
    using Clock = std::chrono::steady_clock;
    Limits limits;
    {
        const std::lock_guard lock(mutex_);
        limits = limits_;
    }
    const auto start = Clock::now();
    Result result{model_->detect(input.tensor.data(), input.place, limits), input.time};
    count(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    return result;
}

void Runner::count(double ms) {
    const std::lock_guard lock(mutex_);
    recent_[timing_.inferences++ % recent_.size()] = ms;
    timing_.lastMs = ms;
    timing_.meanMs += (ms - timing_.meanMs) / static_cast<double>(timing_.inferences);
}

Timing Runner::timing() const {
    const std::lock_guard lock(mutex_);
    Timing timing = timing_;
    auto recent = recent_;
    const auto n = std::min<std::size_t>(timing.inferences, recent.size());
    if (n > 0) {
        const auto at = recent.begin() + static_cast<std::ptrdiff_t>((n * 95 - 1) / 100);
        std::nth_element(recent.begin(), at, recent.begin() + static_cast<std::ptrdiff_t>(n));
        timing.p95Ms = *at;
    }
    return timing;
}

} // namespace yolo
