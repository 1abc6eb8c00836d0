#pragma once

#include <gst/rtsp-server/rtsp-server.h>

namespace rtspserver {

/// What a stream sends to a multicast group comes back to whoever is in the group. GStreamer's RTP
/// sessions take their own report for that of a stranger who has the same SSRC by chance (RFC 3550
/// section 8.2): a few seconds after its start the stream says goodbye, which is its end for all
/// viewers, and goes on under another SSRC. The sessions of this factory's streams do not hear
/// themselves.
void ignoreOwnReports(GstRTSPMediaFactory* factory);

} // namespace rtspserver
