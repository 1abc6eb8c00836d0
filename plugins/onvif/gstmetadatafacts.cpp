#include "gstmetadatafacts.hpp"

#include "glue/detectionmeta.hpp"
#include "gsteventfacts.hpp"

namespace onvif {

GstStructure* objectFacts(const MetadataFrame& frame, GstClockTime runningTime) {
    GstStructure* facts = gst_structure_new_empty("onvif-objects");
    GValue objects = G_VALUE_INIT;
    gst_value_array_init(&objects, static_cast<guint>(frame.objects.size()));
    for (const base::Detection& object : frame.objects) {
        GValue value = G_VALUE_INIT;
        g_value_init(&value, GST_TYPE_STRUCTURE);
        g_value_take_boxed(&value, glue::structureOf(object));
        gst_value_array_append_and_take_value(&objects, &value);
    }
    gst_structure_take_value(facts, "objects", &objects);
    addTimes(facts, frame.time, runningTime);
    return facts;
}

} // namespace onvif
