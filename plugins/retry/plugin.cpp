#include "gstretrysink.hpp"
#include "gstretrysrc.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    return GST_ELEMENT_REGISTER(retrysink, plugin) && GST_ELEMENT_REGISTER(retrysrc, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsretry,
                  "Video Stream: branches that may fail", plugin_init, PACKAGE_VERSION, "LGPL",
                  PACKAGE, PACKAGE_ORIGIN)
