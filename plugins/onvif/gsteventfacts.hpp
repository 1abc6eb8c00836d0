#pragma once

#include "event.hpp"
#include "utctime.hpp"

#include <gst/gst.h>

namespace onvif {

/// The message "onvif-event", whichever way the event came: topic, kind and operation as `Event`
/// has them, active (boolean) of what is or is not, source and data (structures of strings, named
/// by the camera), utc-time as text where the camera tells it, running-time where there is one.
GstStructure* eventFacts(const Event& event, GstClockTime runningTime);

/// utc-time and running-time, where there are such.
void addTimes(GstStructure* facts, const std::optional<UtcTime>& time, GstClockTime runningTime);

} // namespace onvif
