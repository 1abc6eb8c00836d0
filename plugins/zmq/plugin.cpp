#include <gst/gst.h>

#include "glue/detectionmeta.hpp"

GST_ELEMENT_REGISTER_DECLARE(imagezmqsink);
GST_ELEMENT_REGISTER_DECLARE(imagezmqsrc);

static gboolean pluginInit(GstPlugin* plugin) {
    glue::registerDetectionMeta();
    return GST_ELEMENT_REGISTER(imagezmqsink, plugin) && GST_ELEMENT_REGISTER(imagezmqsrc, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vszmq,
                  "Pictures over ZeroMQ, as imagezmq sends them", pluginInit, PACKAGE_VERSION,
                  "LGPL", PACKAGE, PACKAGE_ORIGIN)
