#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_RTSP_SERVER_SINK (gst_rtsp_server_sink_get_type())
G_DECLARE_FINAL_TYPE(GstRtspServerSink, gst_rtsp_server_sink, GST, RTSP_SERVER_SINK, GstBin)

GST_ELEMENT_REGISTER_DECLARE(rtspserversink);

G_END_DECLS
