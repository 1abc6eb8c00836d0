#include "support/lockout.hpp"

namespace camera {

bool Lockout::locked(Clock::time_point now) const {
    if (!ills_.has("lock-out"))
        return false;
    const std::lock_guard lock(mutex_);
    return now < until_;
}

void Lockout::wrong(Clock::time_point now) {
    const long most = ills_.number("lock-out");
    const std::lock_guard lock(mutex_);
    ++all_;
    if (++inARow_ < most || most <= 0)
        return;
    until_ = now + life;
    inARow_ = 0;
}

void Lockout::right() {
    const std::lock_guard lock(mutex_);
    inARow_ = 0;
}

unsigned Lockout::wrongLogins() const {
    const std::lock_guard lock(mutex_);
    return all_;
}

} // namespace camera
