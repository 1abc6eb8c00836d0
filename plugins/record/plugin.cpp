#include "gstrecordsink.hpp"

static gboolean plugin_init(GstPlugin* plugin) { return GST_ELEMENT_REGISTER(recordsink, plugin); }

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsrecord,
                  "Video Stream: recordings in files", plugin_init, PACKAGE_VERSION, "LGPL",
                  PACKAGE, PACKAGE_ORIGIN)
