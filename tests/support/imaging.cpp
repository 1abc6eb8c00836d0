#include "support/imaging.hpp"

namespace camera {

ImagingSettings Imaging::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

void Imaging::set(const ImagingSettings& settings) {
    const std::lock_guard lock(mutex_);
    settings_ = settings;
}

void Imaging::focusTo(double position, double speed, Axis::Time now) {
    const std::lock_guard lock(mutex_);
    focus_.goTo(position, now, speed);
}

void Imaging::focusBy(double way, double speed, Axis::Time now) {
    const std::lock_guard lock(mutex_);
    focus_.goTo(focus_.at(now) + way, now, speed);
}

void Imaging::focusRun(double speed, Axis::Time now) {
    const std::lock_guard lock(mutex_);
    focus_.run(speed, now);
}

void Imaging::focusStop(Axis::Time now) {
    const std::lock_guard lock(mutex_);
    focus_.stop(now);
}

double Imaging::focus(Axis::Time now) const {
    const std::lock_guard lock(mutex_);
    return focus_.at(now);
}

bool Imaging::focusMoves(Axis::Time now) const {
    const std::lock_guard lock(mutex_);
    return focus_.moving(now);
}

} // namespace camera
