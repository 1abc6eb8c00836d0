#include "glue/requestpads.hpp"

#include "glue/ref.hpp"

namespace glue {

std::string padName(GstElement* element, GstPadTemplate* padTemplate, const char* requested,
                    std::atomic<unsigned>& next) {
    if (requested)
        return requested;
    std::string word = GST_PAD_TEMPLATE_NAME_TEMPLATE(padTemplate);
    word.resize(word.size() - 2); // without its %u
    for (;;) {
        // Somebody may have asked for that one by name.
        const std::string name = word + std::to_string(next++);
        const Ref<GstPad> taken(gst_element_get_static_pad(element, name.c_str()));
        if (!taken)
            return name;
    }
}

void makeEnd(GstBin* bin, GstElementFlags end) {
    GST_OBJECT_FLAG_SET(bin, end);
    gst_bin_set_suppressed_flags(
        bin, static_cast<GstElementFlags>(GST_ELEMENT_FLAG_SINK | GST_ELEMENT_FLAG_SOURCE));
}

} // namespace glue
