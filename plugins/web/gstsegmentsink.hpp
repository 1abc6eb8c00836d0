#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_SEGMENT_SINK (gst_segment_sink_get_type())
G_DECLARE_FINAL_TYPE(GstSegmentSink, gst_segment_sink, GST, SEGMENT_SINK, GstBin)

GST_ELEMENT_REGISTER_DECLARE(segmentsink);

G_END_DECLS
