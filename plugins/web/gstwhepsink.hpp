#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_WHEP_SINK (gst_whep_sink_get_type())
G_DECLARE_FINAL_TYPE(GstWhepSink, gst_whep_sink, GST, WHEP_SINK, GstBin)

GST_ELEMENT_REGISTER_DECLARE(whepsink);

G_END_DECLS
