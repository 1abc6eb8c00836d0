#pragma once

#include <chrono>

namespace camera {

/// A motor that turns one thing between two limits. Where it is follows from the clock: nothing has
/// to run for it to move.
class Axis {
public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;

    /// Begins at `start`; `perSecond` is its full speed.
    Axis(double low, double high, double start, double perSecond)
        : low_(low), high_(high), perSecond_(perSecond), from_(start) {}

    /// At a share of full speed, -1 to 1, until a limit or `until`.
    void run(double share, Time now, Time until = Time::max());
    /// At a share of full speed above 0 to a position, which is taken to the nearest limit.
    void goTo(double position, Time now, double share = 1);
    void stop(Time now);

    double at(Time now) const;
    bool moving(Time now) const { return velocity_ != 0 && now < until_; }
    double low() const { return low_; }
    double high() const { return high_; }

private:
    double low_, high_, perSecond_;
    double from_;            ///< where it was at start_
    double velocity_ = 0;    ///< a second
    Time start_{}, until_{}; ///< of the motion
};

} // namespace camera
