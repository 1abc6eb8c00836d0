#pragma once

#include "device.hpp"

#include <string>
#include <vector>

namespace onvif {

/// A switch in the camera: a lamp, a door opener, a siren.
struct Relay {
    std::string token;
    std::string mode;  ///< "Monostable" (falls back by itself) or "Bistable"
    std::string idle;  ///< "open" or "closed"
    std::string delay; ///< xs:duration after which a monostable one falls back
};

/// From the device service, else from the I/O service, where devices without a device half have
/// them. Each throws what `Device` throws.
std::vector<Relay> relays(Device& device);
/// Throws base::Error(NotFound) with those that there are.
void setRelay(Device& device, const std::string& token, bool active);

/// Starts the device anew; it is away for a minute or two. Returns what it said, which may be
/// nothing.
std::string reboot(Device& device);

} // namespace onvif
