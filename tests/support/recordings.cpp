#include "support/recordings.hpp"

#include <cstdio>
#include <ctime>

namespace camera {

std::vector<Recording> recordingsAt(Recording::Time now) {
    using namespace std::chrono_literals;
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    return {{"yesterday", "Two hours of yesterday", second - 26h, second - 24h},
            {"today", "An hour of today", second - 3h, second - 2h},
            {"latest", "The last ten minutes", second - 10min, second}};
}

std::string rtspClock(Recording::Time time) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(time - second).count();
    const std::time_t whole = std::chrono::system_clock::to_time_t(second);
    std::tm utc{};
    gmtime_r(&whole, &utc);
    char date[32], text[48];
    std::strftime(date, sizeof date, "%Y%m%dT%H%M%S", &utc);
    std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(milliseconds));
    return text;
}

} // namespace camera
