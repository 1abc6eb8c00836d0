#pragma once

#include "support/ills.hpp"

#include <gst/gst.h>

namespace camera {

/// Lets the tracks of a stream (payloaders pay0 to pay2 of `bin`) suffer, from when an ill is set
/// until it is cleared:
///   stream-stops, video-stops, audio-stops, metadata-stops   no RTP, while RTCP goes on; with a
///       number, only after so many seconds of the stream; the very first picture passes, so that
///       SETUP and PLAY succeed
///   starts-without-key-frame   the first access unit of the stream is missing
void attachTrackIlls(GstElement* bin, const Ills& ills);

} // namespace camera
