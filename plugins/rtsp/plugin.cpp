#include "gstrtspserversink.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    return GST_ELEMENT_REGISTER(rtspserversink, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsrtsp,
                  "Video Stream: pipelines offered as rtsp://", plugin_init, PACKAGE_VERSION,
                  "LGPL", PACKAGE, PACKAGE_ORIGIN)
