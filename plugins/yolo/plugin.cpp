#include "glue/detectionmeta.hpp"
#include "gstyolodetect.hpp"

static gboolean pluginInit(GstPlugin* plugin) {
    glue::registerDetectionMeta();
    return GST_ELEMENT_REGISTER(yolodetect, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsyolo,
                  "Object detection with YOLO networks", pluginInit, PACKAGE_VERSION, "LGPL",
                  PACKAGE, PACKAGE_ORIGIN)
