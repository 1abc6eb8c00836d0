#include "answers.hpp"

#include "soapmessage.hpp"
#include "xmlvalue.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <ctime>

namespace onvif {

namespace {

constexpr std::size_t maxServices = 64, maxProfiles = 256;
constexpr std::size_t maxName = 128; ///< twice what the standard allows; longer ones are no names

/// One printable line of bounded length; empty where there is no node.
std::string line(const std::optional<net::XmlNode>& node, std::string_view path) {
    return node ? lineAt(*node, path) : std::string();
}

/// A whole number within bounds, or nothing.
std::optional<int> number(const std::optional<net::XmlNode>& node, std::string_view path, int low,
                          int high) {
    const std::string text = line(node, path);
    char* end = nullptr;
    const long value = std::strtol(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || value < low || value > high)
        return std::nullopt;
    return static_cast<int>(value);
}

double rate(const std::optional<net::XmlNode>& node, std::string_view path) {
    // g_ascii_strtod would need GLib, strtod follows the locale: whole and thousandths are enough.
    const std::string text = line(node, path);
    double value = 0, place = 0;
    for (const char c : text) {
        if (c == '.' && place == 0)
            place = 0.1;
        else if (!std::isdigit(static_cast<unsigned char>(c)) || value > 1000)
            return 0;
        else if (place == 0)
            value = value * 10 + (c - '0');
        else
            value += (c - '0') * place, place /= 10;
    }
    return value <= 1000 ? value : 0;
}

void readVideo(const std::optional<net::XmlNode>& encoder, Profile& profile) {
    profile.encoding = line(encoder, "Encoding");
    profile.width = number(encoder, "Resolution/Width", 1, 32768).value_or(0);
    profile.height = number(encoder, "Resolution/Height", 1, 32768).value_or(0);
    profile.frameRate = rate(encoder, "RateControl/FrameRateLimit");
}

/// What the configurations of a profile are called: Media1 and Media2 differ.
struct ConfigurationNames {
    const char *under, *source, *video, *audio, *ptz;
};

std::vector<Profile> readAll(const net::XmlNode& response, const ConfigurationNames& names) {
    std::vector<Profile> profiles;
    for (const auto& node : response.children("Profiles")) {
        Profile profile;
        profile.token = node.attribute("token");
        if (std::string name = line(node, "Name"); name.size() <= maxName)
            profile.name = std::move(name);
        if (const auto place = node.at(names.under)) {
            readVideo(place->child(names.video), profile);
            profile.audioEncoding = line(place->child(names.audio), "Encoding");
            profile.videoSource = line(place->child(names.source), "SourceToken");
            const auto ptz = place->child(names.ptz);
            profile.ptzConfiguration = ptz ? ptz->attribute("token") : "";
            profile.ptzNode = line(ptz, "NodeToken");
        }
        if (!profile.token.empty() && profile.token.size() <= maxName &&
            profiles.size() < maxProfiles)
            profiles.push_back(std::move(profile));
    }
    return profiles;
}

} // namespace

std::string Profile::text() const {
    std::string out = (name.empty() ? token : name) + " (" + token;
    if (!encoding.empty())
        out += ", " + encoding;
    if (width && height)
        out += " " + std::to_string(width) + "x" + std::to_string(height);
    return out + ")";
}

std::optional<TimePoint> readDateTime(const net::XmlNode& response) {
    const auto utc = response.find("UTCDateTime");
    const auto year = number(utc, "Date/Year", 1970, 2200),
               month = number(utc, "Date/Month", 1, 12), day = number(utc, "Date/Day", 1, 31),
               hour = number(utc, "Time/Hour", 0, 23), minute = number(utc, "Time/Minute", 0, 59),
               second = number(utc, "Time/Second", 0, 60);
    if (!year || !month || !day || !hour || !minute || !second)
        return std::nullopt;
    std::tm parts{};
    parts.tm_year = *year - 1900;
    parts.tm_mon = *month - 1;
    parts.tm_mday = *day;
    parts.tm_hour = *hour;
    parts.tm_min = *minute;
    parts.tm_sec = *second;
    return std::chrono::system_clock::from_time_t(timegm(&parts));
}

DeviceInformation readDeviceInformation(const net::XmlNode& response) {
    return {line(response, "Manufacturer"), line(response, "Model"),
            line(response, "FirmwareVersion"), line(response, "SerialNumber"),
            line(response, "HardwareId")};
}

Services readServices(const net::XmlNode& response) {
    Services services;
    for (const auto& node : response.children("Service")) {
        const std::string space = line(node, "Namespace"), address = line(node, "XAddr");
        if (!space.empty() && !address.empty() && services.size() < maxServices)
            services.emplace(space, address);
    }
    return services;
}

Services readCapabilities(const net::XmlNode& response) {
    struct Row {
        const char* element;
        const char* space;
    };
    constexpr std::array<Row, 10> rows = {
        {{"Device", wsdl::device},
         {"Media", wsdl::media},
         {"Events", wsdl::events},
         {"Imaging", wsdl::imaging},
         {"PTZ", wsdl::ptz},
         {"Analytics", "http://www.onvif.org/ver20/analytics/wsdl"},
         {"Extension/DeviceIO", wsdl::deviceIo},
         {"Extension/Recording", "http://www.onvif.org/ver10/recording/wsdl"},
         {"Extension/Search", "http://www.onvif.org/ver10/search/wsdl"},
         {"Extension/Replay", "http://www.onvif.org/ver10/replay/wsdl"}}};
    Services services;
    const auto all = response.child("Capabilities");
    for (const Row& row : rows) {
        const std::string address = line(all ? all->at(row.element) : std::nullopt, "XAddr");
        if (!address.empty())
            services.emplace(row.space, address);
    }
    return services;
}

std::vector<Profile> readProfiles(const net::XmlNode& response) {
    return readAll(response, {"", "VideoSourceConfiguration", "VideoEncoderConfiguration",
                              "AudioEncoderConfiguration", "PTZConfiguration"});
}

std::vector<Profile> readProfiles2(const net::XmlNode& response) {
    auto profiles =
        readAll(response, {"Configurations", "VideoSource", "VideoEncoder", "AudioEncoder", "PTZ"});
    for (Profile& profile : profiles)
        profile.media2 = true;
    return profiles;
}

std::string readStreamUri(const net::XmlNode& response) {
    const auto node = response.find("Uri");
    std::string uri = node ? line(node, "") : "";
    // Escaped twice by some.
    for (auto at = uri.find("&amp;"); at != std::string::npos; at = uri.find("&amp;", at + 1))
        uri.erase(at + 1, 4);
    return uri;
}

} // namespace onvif
