#include "gsteventfacts.hpp"

#include <cstring>

namespace onvif {

namespace {

/// What a GstStructure takes as the name of a field, and its text form too, of what a device calls
/// something.
std::string fieldName(std::string name) {
    for (char& c : name)
        if (!g_ascii_isalnum(c) && !std::strchr("-_.:+", c))
            c = '-';
    return g_ascii_isalpha(name.front()) ? name : "item-" + name;
}

void addItems(GstStructure* facts, const char* name, const EventItems& items) {
    GstStructure* all = gst_structure_new_empty(name);
    for (const auto& [key, value] : items)
        if (!key.empty())
            gst_structure_set(all, fieldName(key).c_str(), G_TYPE_STRING, value.c_str(), nullptr);
    gst_structure_set(facts, name, GST_TYPE_STRUCTURE, all, nullptr);
    gst_structure_free(all);
}

} // namespace

void addTimes(GstStructure* facts, const std::optional<UtcTime>& time, GstClockTime runningTime) {
    if (time)
        gst_structure_set(facts, "utc-time", G_TYPE_STRING, exactUtcText(*time).c_str(), nullptr);
    if (GST_CLOCK_TIME_IS_VALID(runningTime))
        gst_structure_set(facts, "running-time", GST_TYPE_CLOCK_TIME, runningTime, nullptr);
}

GstStructure* eventFacts(const Event& event, GstClockTime runningTime) {
    GstStructure* facts = gst_structure_new(
        "onvif-event", "topic", G_TYPE_STRING, event.topic.c_str(), "kind", G_TYPE_STRING,
        event.kind.c_str(), "operation", G_TYPE_STRING, event.operation.c_str(), nullptr);
    if (event.active)
        gst_structure_set(facts, "active", G_TYPE_BOOLEAN, *event.active, nullptr);
    addItems(facts, "source", event.source);
    addItems(facts, "data", event.data);
    addTimes(facts, event.time, runningTime);
    return facts;
}

} // namespace onvif
