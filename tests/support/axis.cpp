#include "support/axis.hpp"

#include <algorithm>
#include <cmath>

namespace camera {
namespace {

using Seconds = std::chrono::duration<double>;

} // namespace

double Axis::at(Time now) const {
    const double ran = Seconds(std::min(now, until_) - start_).count();
    return std::clamp(velocity_ == 0 ? from_ : from_ + velocity_ * std::max(ran, 0.0), low_, high_);
}

void Axis::stop(Time now) {
    from_ = at(now);
    velocity_ = 0;
}

void Axis::run(double share, Time now, Time until) {
    stop(now);
    velocity_ = std::clamp(share, -1.0, 1.0) * perSecond_;
    if (velocity_ == 0)
        return;
    const double way = (velocity_ > 0 ? high_ : low_) - from_;
    const auto limit = now + std::chrono::duration_cast<Clock::duration>(Seconds(way / velocity_));
    start_ = now;
    until_ = std::min(until, limit);
}

void Axis::goTo(double position, Time now, double share) {
    stop(now);
    const double way = std::clamp(position, low_, high_) - from_;
    const double speed = std::clamp(share, 0.01, 1.0) * perSecond_;
    if (way == 0)
        return;
    velocity_ = way > 0 ? speed : -speed;
    start_ = now;
    until_ = now + std::chrono::duration_cast<Clock::duration>(Seconds(std::abs(way) / speed));
}

} // namespace camera
