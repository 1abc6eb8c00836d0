#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_RETRY_SRC (gst_retry_src_get_type())
G_DECLARE_FINAL_TYPE(GstRetrySrc, gst_retry_src, GST, RETRY_SRC, GstBin)

GST_ELEMENT_REGISTER_DECLARE(retrysrc);

G_END_DECLS
