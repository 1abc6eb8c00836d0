#include "xmlvalue.hpp"

#include <glib.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace onvif {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t maxText = 1024;
constexpr int lastYear = 2199;                ///< nanoseconds since 1970 in 64 bits reach to 2262
constexpr double longest = 366.0 * 24 * 3600; ///< seconds; more is no duration we wait for

std::string oneLine(std::string text) {
    if (text.size() > maxText)
        return {};
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    const std::unique_ptr<char, void (*)(void*)> valid(
        g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), g_free);
    return valid.get();
}

/// Seconds in one unit of a duration's date or time half.
double unit(char letter, bool time) {
    switch (letter) {
    case 'D':
        return time ? 0 : 24 * 3600;
    case 'H':
        return time ? 3600 : 0;
    case 'M':
        return time ? 60 : 0;
    case 'S':
        return time ? 1 : 0;
    default:
        return 0;
    }
}

} // namespace

std::string lineAt(const net::XmlNode& node, std::string_view path) {
    return oneLine(node.textAt(path));
}

std::string lineOf(const net::XmlNode& node, std::string_view attribute) {
    return oneLine(node.attribute(attribute));
}

std::optional<double> readDecimal(const std::string& text) {
    char* end = nullptr;
    const double value = g_ascii_strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::string decimalText(double value) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    std::string out = g_ascii_formatd(text, sizeof text, "%.6f", value);
    if (out.find('.') == std::string::npos)
        return out;
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.')
        out.pop_back();
    return out == "-0" ? "0" : out;
}

std::optional<bool> readBoolean(const std::string& text) {
    if (sameWord(text, "true") || text == "1")
        return true;
    if (sameWord(text, "false") || text == "0")
        return false;
    return std::nullopt;
}

std::optional<std::chrono::system_clock::time_point> readInstant(const std::string& text) {
    const std::unique_ptr<GTimeZone, void (*)(GTimeZone*)> utc(g_time_zone_new_utc(),
                                                               g_time_zone_unref);
    GDateTime* parsed = g_date_time_new_from_iso8601(text.c_str(), utc.get());
    if (!parsed)
        return std::nullopt;
    const std::unique_ptr<GDateTime, void (*)(GDateTime*)> time(parsed, g_date_time_unref);
    const auto seconds = std::chrono::seconds(g_date_time_to_unix(time.get()));
    if (seconds.count() < 0 || g_date_time_get_year(time.get()) > lastYear)
        return std::nullopt;
    const auto micros = std::chrono::microseconds(g_date_time_get_microsecond(time.get()));
    return std::chrono::system_clock::time_point(seconds + micros);
}

std::optional<milliseconds> readDuration(const std::string& text) {
    if (text.size() < 3 || text[0] != 'P')
        return std::nullopt;
    double seconds = 0;
    bool time = false;
    for (std::size_t at = 1; at < text.size();) {
        if (text[at] == 'T' && !time) {
            time = true;
            at++;
            continue;
        }
        const std::size_t end = text.find_first_not_of("0123456789.", at);
        const double length = end == std::string::npos ? 0 : unit(text[end], time);
        const auto count = readDecimal(text.substr(at, end - at));
        if (length <= 0 || !count)
            return std::nullopt;
        seconds += *count * length;
        at = end + 1;
    }
    if (seconds > longest)
        return std::nullopt;
    return milliseconds(std::llround(seconds * 1000));
}

std::string durationText(milliseconds duration) {
    return "PT" + decimalText(static_cast<double>(duration.count()) / 1000) + "S";
}

bool sameWord(std::string_view a, std::string_view b) {
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace onvif
