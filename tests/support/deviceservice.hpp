#pragma once

#include "support/device.hpp"
#include "support/service.hpp"

#include <vector>

namespace camera {

/// The path that discovery announces.
constexpr const char* deviceServicePath = "/onvif/device_service";

/// The ONVIF device service (core specification). `others` are what GetServices lists beside it.
Service deviceService(const Device& device, const std::vector<Service>& others);

} // namespace camera
