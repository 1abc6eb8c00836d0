#pragma once

#include "support/device.hpp"
#include "support/recordingtable.hpp"
#include "support/service.hpp"

#include <vector>

namespace camera {

/// The ONVIF services of Profile G: recording control (its list alone), search and replay. `device`
/// and `recordings` outlive them.
std::vector<Service> recordingServices(const Device& device, const RecordingTable& recordings);

} // namespace camera
