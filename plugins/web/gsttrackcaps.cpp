#include "web/gsttrackcaps.hpp"

#include "base/error.hpp"

#include <cstdio>

namespace web {
namespace {

/// The first bytes of what a decoder has to know.
std::string codecData(const GstStructure* format, gsize least) {
    const GValue* value = gst_structure_get_value(format, "codec_data");
    GstBuffer* buffer = value ? gst_value_get_buffer(value) : nullptr;
    std::string bytes(least, '\0');
    if (!buffer || gst_buffer_extract(buffer, 0, bytes.data(), least) < least)
        throw base::Error(base::ErrorKind::BadData,
                          "The frames do not say how to decode them: put the codec's parser "
                          "(h264parse, aacparse) before the sink.");
    return bytes;
}

unsigned number(const GstStructure* format, const char* name) {
    int value = 0;
    return gst_structure_get_int(format, name, &value) && value > 0 ? static_cast<unsigned>(value)
                                                                    : 0;
}

TrackFacts pictures(const GstStructure* format) {
    const std::string config = codecData(format, 4);
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(config[i]); };
    char name[32];
    std::snprintf(name, sizeof name, "avc1.%02x%02x%02x", byte(1), byte(2), byte(3));
    TrackFacts facts;
    facts.video = true;
    facts.codecs = name;
    facts.width = number(format, "width");
    facts.height = number(format, "height");
    return facts;
}

TrackFacts sound(const GstStructure* format) {
    const std::string config = codecData(format, 2);
    TrackFacts facts;
    facts.codecs = "mp4a.40." + std::to_string(static_cast<unsigned char>(config[0]) >> 3);
    facts.rate = number(format, "rate");
    facts.channels = number(format, "channels");
    return facts;
}

} // namespace

bool isVideo(GstCaps* caps) {
    return g_str_has_prefix(gst_structure_get_name(gst_caps_get_structure(caps, 0)), "video/");
}

TrackFacts transportFacts(GstCaps* caps) {
    const GstStructure* format = gst_caps_get_structure(caps, 0);
    const bool video = gst_structure_has_name(format, "video/x-h264");
    if (!video && !gst_structure_has_name(format, "audio/mpeg"))
        throw base::Error(base::ErrorKind::Unsupported,
                          std::string("MPEG-TS cannot hold ") + (isVideo(caps) ? "VP9" : "Opus") +
                              " that players know: give H.264 and AAC, or container=fmp4.");
    TrackFacts facts = video ? pictures(format) : sound(format);
    facts.transport = true;
    facts.timescale = 90000;
    return facts;
}

} // namespace web
