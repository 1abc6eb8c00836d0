#include "support/cameraclock.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace camera {
namespace {

constexpr long pretendedZone = 2 * 3600; ///< of the ill clock-local
constexpr long greatestSkew = 1000000000;

std::string trueOrFalse(bool value) { return value ? "true" : "false"; }

std::string dateAndTime(const char* name, const std::tm& time) {
    return xmlTag(name, xmlTag("tt:Time", xmlLeaf("tt:Hour", time.tm_hour) +
                                              xmlLeaf("tt:Minute", time.tm_min) +
                                              xmlLeaf("tt:Second", time.tm_sec)) +
                            xmlTag("tt:Date", xmlLeaf("tt:Year", time.tm_year + 1900) +
                                                  xmlLeaf("tt:Month", time.tm_mon + 1) +
                                                  xmlLeaf("tt:Day", time.tm_mday)));
}

/// "UTC", or the POSIX form "<+03>-03:00" of this machine's offset (IEEE 1003.1 section 8.3).
std::string timeZone(const std::tm& local) {
    const long minutes = local.tm_gmtoff / 60;
    if (minutes == 0)
        return "UTC0";
    char text[48];
    const long size = minutes < 0 ? -minutes : minutes;
    std::snprintf(text, sizeof text, "<%c%02ld>%c%02ld:%02ld", minutes < 0 ? '-' : '+', size / 60,
                  minutes < 0 ? '+' : '-', size / 60, size % 60);
    return text;
}

std::string systemDateAndTime(const Ills& ills) {
    const std::time_t now = std::time(nullptr) + ills.number("clock-skew");
    std::tm utc{}, local{};
    gmtime_r(&now, &utc);
    localtime_r(&now, &local);
    if (ills.has("clock-local")) {
        const std::time_t ahead = now + pretendedZone;
        gmtime_r(&ahead, &local);
        local.tm_gmtoff = pretendedZone;
        utc = local;
    }
    std::string content = xmlLeaf("tt:DateTimeType", "NTP") +
                          xmlLeaf("tt:DaylightSavings", trueOrFalse(local.tm_isdst > 0)) +
                          xmlTag("tt:TimeZone", xmlLeaf("tt:TZ", timeZone(local)));
    if (!ills.has("no-utc-time"))
        content += dateAndTime("tt:UTCDateTime", utc);
    content += dateAndTime("tt:LocalDateTime", local);
    return xmlTag("tds:GetSystemDateAndTimeResponse", xmlTag("tds:SystemDateAndTime", content));
}

[[noreturn]] void invalid(const char* why) {
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal", why, "ter:InvalidDateTime");
}

int fieldOf(const net::XmlNode& time, const char* path, int low, int high) {
    const std::string text = time.textAt(path);
    const long value = std::strtol(text.c_str(), nullptr, 10);
    if (text.empty() || value < low || value > high)
        invalid("The date and time are wrong.");
    return static_cast<int>(value);
}

std::time_t utcOf(const net::XmlNode& time) {
    std::tm utc{};
    utc.tm_year = fieldOf(time, "Date/Year", 1970, 2100) - 1900;
    utc.tm_mon = fieldOf(time, "Date/Month", 1, 12) - 1;
    utc.tm_mday = fieldOf(time, "Date/Day", 1, 31);
    utc.tm_hour = fieldOf(time, "Time/Hour", 0, 23);
    utc.tm_min = fieldOf(time, "Time/Minute", 0, 59);
    utc.tm_sec = fieldOf(time, "Time/Second", 0, 61);
    return timegm(&utc);
}

void setClock(Ills& ills, const net::XmlNode& arguments) {
    const std::string type = arguments.textAt("DateTimeType");
    if (type != "Manual" && type != "NTP")
        invalid("DateTimeType is Manual or NTP.");
    const auto utc = arguments.child("UTCDateTime");
    if (type == "Manual" && !utc)
        invalid("UTCDateTime is missing.");
    const long skew = type == "Manual" ? utcOf(*utc) - std::time(nullptr) : 0;
    if (std::abs(skew) > greatestSkew)
        invalid("That is too far away.");
    if (skew == 0)
        ills.clear("clock-skew");
    else
        ills.set("clock-skew", std::to_string(skew));
}

} // namespace

void addClockOperations(Service& service, Ills& ills) {
    service.operations["GetSystemDateAndTime"] = {
        Access::Everybody, [&ills](const auto&, const auto&) { return systemDateAndTime(ills); }};
    service.operations["SetSystemDateAndTime"] = {
        Access::Users, [&ills](const auto& arguments, const auto&) {
            setClock(ills, arguments);
            return xmlTag("tds:SetSystemDateAndTimeResponse", {});
        }};
}

} // namespace camera
