#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_HTTP_FLV_SINK (gst_http_flv_sink_get_type())
G_DECLARE_FINAL_TYPE(GstHttpFlvSink, gst_http_flv_sink, GST, HTTP_FLV_SINK, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE(httpflvsink);

G_END_DECLS
