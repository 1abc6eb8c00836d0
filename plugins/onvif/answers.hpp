#pragma once

#include "net/xml.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace onvif {

// What devices answer, in our words. Elements are found by local name at the place where the
// standard has them, and what is missing stays empty: devices leave out almost anything.

struct DeviceInformation {
    std::string manufacturer, model, firmware, serial, hardware;
};

/// Namespace -> address, as the device gave it.
using Services = std::map<std::string, std::string>;

/// A choice of stream that the device offers.
struct Profile {
    std::string token;
    std::string name;
    std::string encoding; ///< "H264", "H265", "JPEG", "MPEG4"; empty: no video encoder is told
    int width = 0, height = 0;
    double frameRate = 0;                  ///< limit, 0: not told
    std::string audioEncoding;             ///< "G711", "AAC", …; empty: no audio
    std::string videoSource;               ///< token of the sensor behind it
    std::string ptzConfiguration, ptzNode; ///< tokens; empty: it cannot be steered through this one
    bool media2 = false; ///< told by the Media2 service, which then has to be asked for the URI

    /// "main (Profile_1, H264 1920x1080)"
    std::string text() const;
};

using TimePoint = std::chrono::system_clock::time_point;

/// GetSystemDateAndTimeResponse; nothing without a UTC time that makes sense.
std::optional<TimePoint> readDateTime(const net::XmlNode& response);
DeviceInformation readDeviceInformation(const net::XmlNode& response);
Services readServices(const net::XmlNode& response);              ///< GetServicesResponse
Services readCapabilities(const net::XmlNode& response);          ///< GetCapabilitiesResponse
std::vector<Profile> readProfiles(const net::XmlNode& response);  ///< of Media1
std::vector<Profile> readProfiles2(const net::XmlNode& response); ///< of Media2
/// GetStreamUriResponse and GetSnapshotUriResponse of either; empty when there is none.
std::string readStreamUri(const net::XmlNode& response);

} // namespace onvif
