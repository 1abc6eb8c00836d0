#pragma once

#include "gststreampads.hpp"
#include "stream.hpp"

#include <gst/gst.h>

#include <string>

namespace onvif {

// What `onvifsrc` tells of a camera in GStreamer's own words. Nothing of it is secret.

/// The element message "onvif-device". The caller owns it.
GstStructure* deviceFacts(const Stream& stream);
/// The same as the element message "onvif-playing", when its pictures have begun to come.
GstStructure* playingFacts(const Stream& stream);

/// Which of the cameras that were found is played, and which others there are.
std::string choiceText(const Stream& stream);

/// The element message "onvif-offline": why, which try comes next, and in how many ns.
GstStructure* offlineFacts(const std::string& reason, unsigned attempt, GstClockTime nextDelay);
/// The element message "onvif-online": how many ns nothing came, and how many tries it took.
GstStructure* onlineFacts(GstClockTime downtime, unsigned attempts);

/// What the property "stats" says beside the tracks.
struct StreamStats {
    const char* phase = "stopped";
    GstClockTime resolveTime = GST_CLOCK_TIME_NONE; ///< from start to the stream's address, ns
    unsigned reconnects = 0;                        ///< how often the stream came back
    GstClockTime downtime = 0;                      ///< ns, all together, up to now
};
/// `stream` may be null. The caller owns it.
GstStructure* statsFacts(const StreamStats& stats, const Stream* stream, const StreamPads& pads);

} // namespace onvif
