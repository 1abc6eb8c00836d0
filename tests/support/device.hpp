#pragma once

#include "support/ills.hpp"
#include "support/settings.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace camera {

/// Everything that the services tell about this camera, and what it suffers from. The services hold
/// a reference to it.
struct Device {
    explicit Device(const std::map<std::string, std::string>& sickness = {}) : ills(sickness) {}

    Ills ills;
    std::string name;
    std::string manufacturer = "Video Stream";
    std::string model = "Virtual camera";
    std::string firmware;
    std::string serial;
    std::string uuid; ///< endpoint reference, the same at each start (see stableUuid)
    std::vector<StreamProfile> profiles;
    std::atomic<unsigned> rtspPort{0}; ///< can change at any time
    bool rtspTls = false;
    std::string rtspScheme() const { return rtspTls ? "rtsps://" : "rtsp://"; }
    bool multicast = false; ///< the streams can be had that way
    Auth auth = Auth::None;

    /// onvif://www.onvif.org/… (core specification, "Scope")
    std::vector<std::string> scopes() const;
};

constexpr const char* videoSourceToken = "video0"; ///< the one there is

/// A UUID (RFC 4122 section 4.3, version 5) that follows from this machine and `key` alone: the
/// endpoint reference of a device must not change when it restarts.
std::string stableUuid(const std::string& key);

} // namespace camera
