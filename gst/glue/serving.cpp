#include "glue/serving.hpp"

namespace glue {

void installPort(GObjectClass* klass, guint last, unsigned byDefault) {
    g_object_class_install_property(
        klass, last + 1,
        g_param_spec_uint("port", "port",
                          "TCP port to listen on; 0 takes any free one, and reading the property "
                          "while it runs tells which",
                          0, 65535, byDefault, flagsOf(G_PARAM_READWRITE, mutableReady)));
}

void installTold(GObjectClass* klass, guint last, const char* urlBlurb, const char* statsBlurb) {
    g_object_class_install_property(klass, last + 2,
                                    g_param_spec_string("url", "url", urlBlurb, nullptr,
                                                        flagsOf(G_PARAM_READABLE, GParamFlags(0))));
    installStats(klass, last + 3, statsBlurb);
}

void startedListening(GstElement* element, Listening& listening, const Listening& now,
                      const char* message, const std::map<const char*, std::string>& more) {
    {
        const ObjectLock lock(element);
        listening = now;
    }
    GstStructure* ready =
        gst_structure_new(message, "url", G_TYPE_STRING, now.url.c_str(), nullptr);
    for (const auto& [field, text] : more)
        gst_structure_set(ready, field, G_TYPE_STRING, text.c_str(), nullptr);
    gst_element_post_message(element, gst_message_new_element(GST_OBJECT(element), ready));
}

void stoppedListening(GstElement* element, Listening& listening) {
    const ObjectLock lock(element);
    listening = {};
}

} // namespace glue
