#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace onvif {

/// The time as the device sees it, for tokens that it will compare with its own clock: those are
/// off by seconds to years, and a token that looks old or early is refused. Kept against the
/// monotonic clock, so that ours may be set meanwhile.
class DeviceClock {
public:
    using TimePoint = std::chrono::system_clock::time_point;
    /// Further off than a clock drifts, and less than any two time zones are apart: such a device
    /// may have told local time as UTC, or a time it does not go by itself.
    static constexpr std::chrono::minutes doubt{10};

    void set(TimePoint deviceNow);
    bool known() const { return told_.has_value(); }
    /// Ours where the device's is not known.
    TimePoint now() const;
    /// How far the device's clock is ahead of ours; zero where it is not known.
    std::chrono::system_clock::duration offset() const;
    bool doubtful() const;

private:
    std::optional<TimePoint> told_;
    std::chrono::steady_clock::time_point at_;
};

/// "2026-01-31T12:00:00Z"
std::string utcText(DeviceClock::TimePoint time);

/// The Date header "Tue, 15 Nov 1994 08:12:31 GMT" (RFC 9110 section 5.6.7), or nothing.
std::optional<DeviceClock::TimePoint> httpDate(const std::string& text);

} // namespace onvif
