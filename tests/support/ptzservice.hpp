#pragma once

#include "support/device.hpp"
#include "support/ptz.hpp"
#include "support/service.hpp"

namespace camera {

/// The ONVIF PTZ service (PTZ specification): one node, generic spaces. `device` and `ptz` outlive
/// it. Ills: ptz-no-stop, ptz-timeout-range.
Service ptzService(const Device& device, Ptz& ptz);

/// The PTZConfiguration that every media profile carries, as an element of that name.
std::string ptzConfiguration(const Device& device, const char* name);

} // namespace camera
