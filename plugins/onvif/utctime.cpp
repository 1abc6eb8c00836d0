#include "utctime.hpp"

#include "deviceclock.hpp"

namespace onvif {

using std::chrono::nanoseconds;

std::string exactUtcText(UtcTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::floor<std::chrono::milliseconds>(time - whole).count();
    std::string text = utcText(whole);
    text.insert(text.size() - 1, "." + std::to_string(1000 + rest).substr(1));
    return text;
}

std::uint64_t ntpNanoseconds(UtcTime time) {
    return static_cast<std::uint64_t>(
        nanoseconds(time.time_since_epoch() + nanoseconds(unixSince1900)).count());
}

UtcTime fromNtpNanoseconds(std::uint64_t count) {
    const nanoseconds since1970 =
        nanoseconds(static_cast<std::int64_t>(count)) - nanoseconds(unixSince1900);
    return UtcTime(std::chrono::duration_cast<UtcTime::duration>(since1970));
}

} // namespace onvif
