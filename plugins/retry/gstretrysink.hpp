#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_RETRY_SINK (gst_retry_sink_get_type())
G_DECLARE_FINAL_TYPE(GstRetrySink, gst_retry_sink, GST, RETRY_SINK, GstBin)

GST_ELEMENT_REGISTER_DECLARE(retrysink);

G_END_DECLS
