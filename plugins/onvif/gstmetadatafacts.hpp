#pragma once

#include "metadata.hpp"

#include <gst/gst.h>

namespace onvif {

/// "onvif-objects": objects (GstValueArray of structures "detection", as glue::detectionmeta has
/// them), utc-time as text where the camera tells it, running-time where there is one.
GstStructure* objectFacts(const MetadataFrame& frame, GstClockTime runningTime);

} // namespace onvif
