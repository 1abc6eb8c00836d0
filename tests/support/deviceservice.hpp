#pragma once

#include "support/device.hpp"
#include "support/relays.hpp"
#include "support/service.hpp"

#include <functional>
#include <vector>

namespace camera {

/// The path that discovery announces.
constexpr const char* deviceServicePath = "/onvif/device_service";

/// The ONVIF device service (core specification). `others` are what GetServices and GetCapabilities
/// list beside it; `device` and `relays` outlive it; `reboot` is called when a client asks for
/// that. Ills: no-get-services, and those of cameraclock.hpp.
Service deviceService(Device& device, Relays& relays, const std::vector<Service>& others,
                      std::function<void()> reboot);

} // namespace camera
