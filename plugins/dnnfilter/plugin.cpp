#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(dnnfilter);

static gboolean pluginInit(GstPlugin* plugin) { return GST_ELEMENT_REGISTER(dnnfilter, plugin); }

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsdnnfilter,
                  "Networks that make a picture of a picture", pluginInit, PACKAGE_VERSION, "LGPL",
                  PACKAGE, PACKAGE_ORIGIN)
