#include "glue/detectionmeta.hpp"

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(onvifmetadataattach)
GST_ELEMENT_REGISTER_DECLARE(onvifmetadatadepay)
GST_ELEMENT_REGISTER_DECLARE(onvifmetadatawatch)
GST_ELEMENT_REGISTER_DECLARE(onvifrtsplogin)
GST_ELEMENT_REGISTER_DECLARE(onvifsrc)
GST_DEVICE_PROVIDER_REGISTER_DECLARE(onvifdeviceprovider)

static gboolean plugin_init(GstPlugin* plugin) {
    glue::registerDetectionMeta();
    return GST_ELEMENT_REGISTER(onvifmetadataattach, plugin) &&
           GST_ELEMENT_REGISTER(onvifmetadatadepay, plugin) &&
           GST_ELEMENT_REGISTER(onvifmetadatawatch, plugin) &&
           GST_ELEMENT_REGISTER(onvifrtsplogin, plugin) && GST_ELEMENT_REGISTER(onvifsrc, plugin) &&
           GST_DEVICE_PROVIDER_REGISTER(onvifdeviceprovider, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsonvif, "ONVIF cameras", plugin_init,
                  PACKAGE_VERSION, "LGPL", PACKAGE, PACKAGE_ORIGIN)
