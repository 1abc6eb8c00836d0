#pragma once

#include "gststreampads.hpp"
#include "stream.hpp"

#include <gst/gst.h>

#include <string>

namespace onvif {

// What `onvifsrc` tells of a camera in GStreamer's own words. Nothing of it is secret.

/// The element message "onvif-device". The caller owns it.
GstStructure* deviceFacts(const Stream& stream);

/// Which of the cameras that were found is played, and which others there are.
std::string choiceText(const Stream& stream);

/// The property "stats". `stream` may be null; `resolveTime` is from start to the stream's address.
GstStructure* statsFacts(const char* phase, const Stream* stream, GstClockTime resolveTime,
                         const PadCount& video, const PadCount& audio, const PadCount& metadata);

} // namespace onvif
