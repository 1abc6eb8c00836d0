#include "deviceclock.hpp"

#include <cstdio>
#include <ctime>

namespace onvif {

using std::chrono::steady_clock;
using std::chrono::system_clock;

void DeviceClock::set(TimePoint deviceNow) {
    told_ = deviceNow;
    at_ = steady_clock::now();
}

DeviceClock::TimePoint DeviceClock::now() const {
    if (!told_)
        return system_clock::now();
    return *told_ + std::chrono::duration_cast<system_clock::duration>(steady_clock::now() - at_);
}

system_clock::duration DeviceClock::offset() const {
    return told_ ? now() - system_clock::now() : system_clock::duration::zero();
}

bool DeviceClock::doubtful() const { return offset() > doubt || offset() < -doubt; }

std::string utcText(DeviceClock::TimePoint time) {
    const std::time_t seconds = system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::optional<DeviceClock::TimePoint> httpDate(const std::string& text) {
    // Not strptime: that follows the locale.
    std::tm parts{};
    char month[4] = "";
    if (std::sscanf(text.c_str(), "%*3c, %2d %3c %4d %2d:%2d:%2d GMT", &parts.tm_mday, month,
                    &parts.tm_year, &parts.tm_hour, &parts.tm_min, &parts.tm_sec) != 6)
        return std::nullopt;
    const auto at = std::string("JanFebMarAprMayJunJulAugSepOctNovDec").find(month);
    if (at == std::string::npos || at % 3 != 0 || parts.tm_year < 1970 || parts.tm_year > 2200)
        return std::nullopt;
    parts.tm_mon = static_cast<int>(at / 3);
    parts.tm_year -= 1900;
    return system_clock::from_time_t(timegm(&parts));
}

} // namespace onvif
