#include "gststreamfacts.hpp"

namespace onvif {

namespace {

std::string nameOf(const Found& found) {
    const std::string name = found.name();
    return (name.empty() ? found.hardware() : name) + " at " + found.address();
}

void add(GstStructure* facts, const char* name, const std::string& text) {
    gst_structure_set(facts, name, G_TYPE_STRING, text.c_str(), nullptr);
}

void add(GstStructure* facts, const char* name, guint64 number) {
    gst_structure_set(facts, name, G_TYPE_UINT64, number, nullptr);
}

} // namespace

GstStructure* deviceFacts(const Stream& stream) {
    const Profile& profile = stream.profile;
    GstStructure* facts =
        gst_structure_new("onvif-device", "width", G_TYPE_INT, profile.width, "height", G_TYPE_INT,
                          profile.height, "framerate", G_TYPE_DOUBLE, profile.frameRate, nullptr);
    add(facts, "address", stream.service);
    add(facts, "manufacturer", stream.device.manufacturer);
    add(facts, "model", stream.device.model);
    add(facts, "firmware", stream.device.firmware);
    add(facts, "profile", profile.token);
    add(facts, "profile-name", profile.name);
    add(facts, "encoding", profile.encoding);
    add(facts, "audio-encoding", profile.audioEncoding);
    return facts;
}

GstStructure* playingFacts(const Stream& stream) {
    GstStructure* facts = deviceFacts(stream);
    gst_structure_set_name(facts, "onvif-playing");
    return facts;
}

std::string choiceText(const Stream& stream) {
    std::string text = "Playing " + nameOf(stream.found) + ", the first camera that was found.";
    for (const Found& found : stream.others)
        text += (&found == &stream.others.front() ? " Others: " : ", ") + nameOf(found);
    return stream.others.empty() ? text : text + ". Set location to choose.";
}

GstStructure* offlineFacts(const std::string& reason, unsigned attempt, GstClockTime nextDelay) {
    GstStructure* facts =
        gst_structure_new("onvif-offline", "attempt", G_TYPE_UINT, attempt, nullptr);
    add(facts, "reason", reason);
    add(facts, "next-delay", nextDelay);
    return facts;
}

GstStructure* onlineFacts(GstClockTime downtime, unsigned attempts) {
    GstStructure* facts =
        gst_structure_new("onvif-online", "attempts", G_TYPE_UINT, attempts, nullptr);
    add(facts, "downtime", downtime);
    return facts;
}

GstStructure* statsFacts(const StreamStats& stats, const Stream* stream, const StreamPads& pads) {
    GstStructure* facts = gst_structure_new("application/x-onvifsrc-stats", "reconnects",
                                            G_TYPE_UINT, stats.reconnects, nullptr);
    add(facts, "phase", std::string(stats.phase));
    add(facts, "address", stream ? stream->service : "");
    add(facts, "authentication", stream ? stream->authentication : "");
    add(facts, "profile", stream ? stream->profile.token : "");
    add(facts, "resolve-time", stats.resolveTime);
    add(facts, "downtime", stats.downtime);
    for (const auto& [media, name] : {std::pair("video", "video"), std::pair("audio", "audio"),
                                      std::pair("application", "metadata")}) {
        const PadCount count = pads.count(media);
        add(facts, (std::string(name) + "-packets").c_str(), guint64(count.packets));
        add(facts, (std::string(name) + "-bytes").c_str(), guint64(count.bytes));
    }
    pads.addFacts(facts);
    return facts;
}

} // namespace onvif
