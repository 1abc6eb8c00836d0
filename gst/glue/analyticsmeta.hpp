#pragma once

#include "base/detection.hpp"

#include <gst/gst.h>

#include <optional>

namespace glue {

/// Upstream's analytics metadata, in place of what the buffer had of it; sizes are the frame's, in
/// pixels. For each object an object detection (turned where corners are known and GStreamer is
/// 1.26 or newer), with which are related, each way, a tracking where it is tracked, and a
/// segmentation of one mask (GRAY8, 0 or the object's number from 1 on) where it has one and
/// GStreamer is 1.26 or newer. Key points have no place there in any release so far (1.28).
///
/// Only where GStreamer is 1.24 or newer (HAVE_GST_ANALYTICS).
void attachAnalytics(GstBuffer* buffer, const base::Detections& detections, int frameWidth,
                     int frameHeight);

/// The objects, upright, with label, score and track, that upstream's detectors told of; nothing
/// without one.
std::optional<base::Detections> analyticsOf(GstBuffer* buffer, int frameWidth, int frameHeight);

} // namespace glue
