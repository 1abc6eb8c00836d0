#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace web {

/// Which of several sizes of a picture one viewer gets, by what it reports of its network: one
/// smaller when it loses much or its packets queue up for several reports on end, one larger after
/// a long calm. A step up that was one too many doubles the calm that the next one needs.
class QualityChooser {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr double badLoss = 0.08;  ///< of the packets; retransmission copes with less
    static constexpr double goodLoss = 0.02; ///< no more than that is calm
    static constexpr std::chrono::milliseconds queued{400}; ///< above the shortest round trip
    static constexpr std::chrono::seconds patience{3};
    static constexpr std::chrono::seconds calm{15}, longestCalm{240};

    /// `count` sizes, the first the largest; begins at `first`.
    explicit QualityChooser(std::size_t count, std::size_t first = 0)
        : count_(count), index_(first) {}

    std::size_t index() const { return index_; }
    /// A report has come: `loss` from 0 to 1. Returns index().
    std::size_t report(Clock::time_point now, double loss, std::chrono::milliseconds roundTrip);

private:
    void step(Clock::time_point now, bool down);

    std::size_t count_, index_;
    std::optional<std::chrono::milliseconds> shortest_;
    std::optional<Clock::time_point> badSince_, calmSince_, wentUp_;
    std::chrono::seconds needed_ = calm;
};

} // namespace web
