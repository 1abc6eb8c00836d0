#pragma once

#include "base/detection.hpp"

#include <gst/gst.h>

#include <optional>

namespace glue {

/// The one door to how detections travel on a buffer.
///
/// The truth is a custom meta without tags, named "VideoStreamDetections", in parts of the frame:
/// on GStreamer 1.22 it survives videoconvert, videoscale, tee, encoders and payloaders, where a
/// GstVideoRegionOfInterestMeta loses its params or is lost. Its structure has
///   objects    GstValueArray of structures "detection" {label: string, label-id: int,
///              confidence, x, y, width, height: double (0..1), track-id: int64}, and where the
///              network tells, key-points: GstValueArray of doubles x, y, score, …; corners:
///              GstValueArray of doubles x, y of the four corners of a turned box; mask: GBytes of
///              mask-width x mask-height: int, row by row over the box, 0 to 255
///   age        guint64, nanoseconds between the frame that was inferred and this one
///   source     string, the element that found them
///
/// Beside it, for other programs: a GstVideoRegionOfInterestMeta per object with DL Streamer's
/// params "detection" {label_id, label, confidence, x_min, x_max, y_min, y_max} and "object_id"
/// {id}, numbered from 1 (Python can only ask for a region by its number), and a
/// GstAnalyticsRelationMeta where GStreamer is 1.24 or newer, as analyticsmeta.hpp says.

/// Makes the custom meta known; call it in plugin_init of each plugin that uses it. Any number of
/// plugins may.
void registerDetectionMeta();

/// Hangs `detections` on a writable buffer in place of what it carried; sizes are in pixels.
void attachDetections(GstBuffer* buffer, const base::Detections& detections, int frameWidth,
                      int frameHeight);

/// Notes which of the objects are a part of the picture now, so that nobody draws them again:
/// `drawn` of `detections`, which are those that `detectionsOf` gave for this writable buffer. What
/// detectors of other houses said stays as it is.
void markDrawn(GstBuffer* buffer, const base::Detections& detections);

/// One object as a structure "detection", as above.
GstStructure* structureOf(const base::Detection& detection);

/// What the buffer carries, or nothing when no detector has seen its stream.
std::optional<base::Detections> detectionsOf(GstBuffer* buffer);

/// What detectors of other houses said by GstVideoRegionOfInterestMeta, else by upstream's
/// analytics metadata where GStreamer is 1.24 or newer, or nothing without either. Sizes are the
/// frame's, in pixels. Label, score and class come from DL Streamer's param "detection" where it is
/// there (else the region's type is the label), the track from "object_id".
std::optional<base::Detections> regionsOf(GstBuffer* buffer, int frameWidth, int frameHeight);

} // namespace glue
