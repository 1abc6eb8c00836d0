#include "glue/detectionmeta.hpp"
#include "web/gsthttpflvsink.hpp"
#include "web/gstmjpegsink.hpp"
#include "web/gstsegmentsink.hpp"
#include "web/gstwhepsink.hpp"
#include "web/gstwhiplistensrc.hpp"

static gboolean plugin_init(GstPlugin* plugin) {
    glue::registerDetectionMeta();
    return GST_ELEMENT_REGISTER(httpflvsink, plugin) && GST_ELEMENT_REGISTER(mjpegsink, plugin) &&
           GST_ELEMENT_REGISTER(segmentsink, plugin) && GST_ELEMENT_REGISTER(whepsink, plugin) &&
           GST_ELEMENT_REGISTER(whiplistensrc, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vsweb, "Video Stream: pictures to browsers",
                  plugin_init, PACKAGE_VERSION, "LGPL", PACKAGE, PACKAGE_ORIGIN)
