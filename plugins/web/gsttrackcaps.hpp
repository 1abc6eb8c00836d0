#pragma once

#include "web/cmaf.hpp"

#include <gst/gst.h>

namespace web {

bool isVideo(GstCaps* caps);

/// What the caps of H.264 (avc) and AAC (raw) say of a track that goes into MPEG-TS. Throws
/// base::Error: Unsupported for what it cannot hold, BadData for caps without codec_data.
TrackFacts transportFacts(GstCaps* caps);

} // namespace web
