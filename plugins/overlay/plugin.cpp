#include <gst/gst.h>

#include "glue/detectionmeta.hpp"

GST_ELEMENT_REGISTER_DECLARE(detectionoverlay);

static gboolean pluginInit(GstPlugin* plugin) {
    glue::registerDetectionMeta();
    return GST_ELEMENT_REGISTER(detectionoverlay, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsoverlay,
                  "Draws what was detected into video", pluginInit, PACKAGE_VERSION, "LGPL",
                  PACKAGE, PACKAGE_ORIGIN)
