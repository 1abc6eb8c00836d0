#pragma once

#include "support/imaging.hpp"
#include "support/service.hpp"

namespace camera {

/// The ONVIF imaging service (imaging specification) of the one video source. `imaging` outlives
/// it.
Service imagingService(Imaging& imaging);

} // namespace camera
