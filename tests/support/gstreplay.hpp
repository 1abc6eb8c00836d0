#pragma once

#include "support/recordings.hpp"

#include <gst/rtsp-server/rtsp-server.h>

namespace camera {

/// Serves a recording as section "Playback" of the ONVIF streaming specification says: absolute
/// times, forwards and backwards, all frames or key frames, with the 0xABAC header extension.
///
/// Frame n of a recording, which is what its barcode shows, was taken at `from` + n / fps; each
/// second starts with a key frame. One media for each viewer. Free it with g_object_unref.
GstRTSPMediaFactory* newReplayFactory(const Recording& recording, int width, int height, int fps);

/// Makes a PLAY request what GStreamer understands, before it is obeyed: `Frames: all` is the
/// default and unknown to it. The packets that follow carry the request's CSeq.
void preparePlay(GstRTSPContext* context);
/// The answer names the scale that was asked for, which GStreamer calls speed.
void completePlay(GstRTSPContext* context, GstRTSPMessage* answer);

/// From 1900 (NTP), which is what GStreamer counts absolute times of RTSP from.
GstClockTime ntpTime(Recording::Time time);

} // namespace camera
