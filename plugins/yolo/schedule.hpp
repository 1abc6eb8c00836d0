#pragma once

#include "motion.hpp"
#include "settings.hpp"

#include <chrono>
#include <cstdint>

namespace yolo {

/// Decides which frames the network looks at.
class Schedule {
public:
    void configure(const Settings& settings);
    /// The stream begins anew: its first frame is due.
    void reset();
    /// Asked once for each frame, in their order. `late`: who shows the frames cannot keep up, so
    /// that what is not needed should not be done.
    bool due(const base::Frame& frame, std::chrono::nanoseconds time, bool late);
    std::uint64_t still() const { return still_; } ///< frames without motion

private:
    bool moves(const base::Frame& frame);

    unsigned interval_ = 1;
    std::chrono::nanoseconds pause_{0}; ///< least time between two
    double gate_ = 0;
    MotionGate motion_;
    unsigned sinceLast_ = 0;
    bool first_ = true;
    std::chrono::nanoseconds next_{0};
    int after_ = 0; ///< frames to look at though nothing moves any more
    std::uint64_t still_ = 0;
};

} // namespace yolo
