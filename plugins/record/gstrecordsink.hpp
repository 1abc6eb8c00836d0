#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_RECORD_SINK (gst_record_sink_get_type())
G_DECLARE_FINAL_TYPE(GstRecordSink, gst_record_sink, GST, RECORD_SINK, GstElement)

GST_ELEMENT_REGISTER_DECLARE(recordsink)

G_END_DECLS
