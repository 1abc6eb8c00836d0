#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace yolo {

/// How long the network takes.
struct Timing {
    std::uint64_t inferences = 0;
    double lastMs = 0, meanMs = 0; ///< mean of all
    double p50Ms = 0, p95Ms = 0;   ///< of the last 128
    double perSecond = 0;          ///< over the last 128, 0 before there are two
};

/// Counts one stream's inferences. From any thread.
class Meter {
public:
    using Clock = std::chrono::steady_clock;
    void count(double ms, Clock::time_point now = Clock::now());
    Timing timing() const;

private:
    static constexpr std::size_t window = 128;
    mutable std::mutex mutex_;
    Timing timing_;
    std::array<double, window> recent_{};
    std::array<Clock::time_point, window> when_{};
};

} // namespace yolo
