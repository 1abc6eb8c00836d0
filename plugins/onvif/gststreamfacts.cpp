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

std::string choiceText(const Stream& stream) {
    std::string text = "Playing " + nameOf(stream.found) + ", the first camera that was found.";
    for (const Found& found : stream.others)
        text += (&found == &stream.others.front() ? " Others: " : ", ") + nameOf(found);
    return stream.others.empty() ? text : text + ". Set location to choose.";
}

GstStructure* statsFacts(const char* phase, const Stream* stream, GstClockTime resolveTime,
                         const PadCount& video, const PadCount& audio, const PadCount& metadata) {
    GstStructure* facts = gst_structure_new_empty("application/x-onvifsrc-stats");
    add(facts, "phase", std::string(phase));
    add(facts, "address", stream ? stream->service : "");
    add(facts, "authentication", stream ? stream->authentication : "");
    add(facts, "profile", stream ? stream->profile.token : "");
    add(facts, "resolve-time", resolveTime);
    add(facts, "video-packets", video.packets);
    add(facts, "video-bytes", video.bytes);
    add(facts, "audio-packets", audio.packets);
    add(facts, "audio-bytes", audio.bytes);
    add(facts, "metadata-packets", metadata.packets);
    add(facts, "metadata-bytes", metadata.bytes);
    return facts;
}

} // namespace onvif
