#include "support/xsdtime.hpp"

#include <glib.h>

#include <cmath>
#include <memory>
#include <regex>

namespace camera {
namespace {

using std::chrono::milliseconds;
using DateTime = std::unique_ptr<GDateTime, decltype(&g_date_time_unref)>;

constexpr double dayMs = 24 * 3600 * 1000.0;

} // namespace

std::string xsdTime(Instant time) {
    const auto ms = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
    const DateTime second(g_date_time_new_from_unix_utc(ms / 1000), g_date_time_unref);
    const std::unique_ptr<char, decltype(&g_free)> text(
        g_date_time_format(second.get(), "%Y-%m-%dT%H:%M:%S"), g_free);
    char fraction[8];
    g_snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(ms % 1000));
    return std::string(text.get()) + fraction;
}

std::optional<Instant> xsdInstant(const std::string& text) {
    const std::unique_ptr<GTimeZone, decltype(&g_time_zone_unref)> utc(g_time_zone_new_utc(),
                                                                       g_time_zone_unref);
    const DateTime time(g_date_time_new_from_iso8601(text.c_str(), utc.get()), [](GDateTime* t) {
        if (t)
            g_date_time_unref(t);
    });
    if (!time)
        return {};
    return Instant(std::chrono::seconds(g_date_time_to_unix(time.get()))) +
           std::chrono::microseconds(g_date_time_get_microsecond(time.get()));
}

std::optional<milliseconds> xsdDuration(const std::string& text) {
    static const std::regex form("P(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})D)?"
                                 "(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?"
                                 "(?:([0-9]{1,8}(?:\\.[0-9]{1,9})?)S)?)?");
    std::smatch part;
    if (text.size() > 64 || text.size() < 3 || text.back() == 'T' ||
        !std::regex_match(text, part, form))
        return {};
    constexpr double units[] = {365 * dayMs, 30 * dayMs, dayMs, 3600000, 60000, 1000};
    double all = 0;
    for (std::size_t i = 0; i < 6; ++i)
        if (part[i + 1].matched)
            all += g_ascii_strtod(part[i + 1].str().c_str(), nullptr) * units[i];
    if (all > 365 * dayMs)
        return {};
    return milliseconds(std::llround(all));
}

} // namespace camera
