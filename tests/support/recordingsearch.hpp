#pragma once

#include "support/device.hpp"
#include "support/recordingtable.hpp"
#include "support/service.hpp"

namespace camera {

/// The ONVIF search service: every search is complete as soon as it has begun.
Service searchService(const Device& device, const RecordingTable& recordings);

/// The recording of that token; throws SoapFault when there is none.
RecordedItem recordingOf(const RecordingTable& recordings, const std::string& token);

} // namespace camera
