#pragma once

#include "support/ills.hpp"

#include <chrono>
#include <mutex>

namespace camera {

/// Counts wrong logins. Under the ill "lock-out=N" nobody gets in for a while after N of them in a
/// row, whatever they bring. The ways in share one; any thread may use it.
class Lockout {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds life{30};

    explicit Lockout(const Ills& ills) : ills_(ills) {}

    bool locked(Clock::time_point now) const;
    void wrong(Clock::time_point now);
    void right();
    unsigned wrongLogins() const; ///< since the start

private:
    const Ills& ills_;
    mutable std::mutex mutex_;
    unsigned all_ = 0;
    unsigned inARow_ = 0;
    Clock::time_point until_{};
};

} // namespace camera
