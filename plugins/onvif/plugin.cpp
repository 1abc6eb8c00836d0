#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(onvifsrc)

static gboolean plugin_init(GstPlugin* plugin) { return GST_ELEMENT_REGISTER(onvifsrc, plugin); }

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsonvif, "ONVIF cameras", plugin_init,
                  PACKAGE_VERSION, "LGPL", PACKAGE, PACKAGE_ORIGIN)
