#include "glue/serving.hpp"

namespace glue {

void installServing(GObjectClass* klass, guint last, unsigned defaultPort, const char* urlBlurb,
                    const char* statsBlurb) {
    g_object_class_install_property(
        klass, last + 1,
        g_param_spec_uint("port", "port",
                          "TCP port to listen on; 0 takes any free one, and reading the property "
                          "while it runs tells which",
                          0, 65535, defaultPort, flagsOf(G_PARAM_READWRITE, mutableReady)));
    g_object_class_install_property(klass, last + 2,
                                    g_param_spec_string("url", "url", urlBlurb, nullptr,
                                                        flagsOf(G_PARAM_READABLE, GParamFlags(0))));
    installStats(klass, last + 3, statsBlurb);
}

bool getListening(GObject* object, guint last, const Listening& listening, const unsigned& wished,
                  guint id, GValue* value) {
    const ObjectLock lock(object);
    if (id == last + 1)
        g_value_set_uint(value, listening.port ? listening.port : wished);
    else if (id == last + 2)
        g_value_set_string(value, listening.url.empty() ? nullptr : listening.url.c_str());
    else
        return false;
    return true;
}

void startedListening(GstElement* element, Listening& listening, unsigned port,
                      Ref<GstStructure> ready) {
    {
        const ObjectLock lock(element);
        listening.port = port;
        listening.url = gst_structure_get_string(ready.get(), "url");
    }
    gst_element_post_message(element,
                             gst_message_new_element(GST_OBJECT(element), ready.release()));
}

void stoppedListening(GstElement* element, Listening& listening) {
    const ObjectLock lock(element);
    listening = {};
}

} // namespace glue
