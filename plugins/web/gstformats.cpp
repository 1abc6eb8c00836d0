#include "web/gstformats.hpp"

#include <algorithm>

namespace web {

std::string chainFor(const GstCaps* caps) {
    const GstStructure* s = gst_caps_get_structure(caps, 0);
    const std::string h264 = "rtph264pay mtu=1200 config-interval=-1 aggregate-mode=none";
    if (gst_structure_has_name(s, "video/x-vp9"))
        return "rtpvp9pay mtu=1200 picture-id-mode=15-bit";
    if (gst_structure_has_name(s, "video/x-vp8"))
        return "rtpvp8pay mtu=1200 picture-id-mode=15-bit";
    if (gst_structure_has_name(s, "video/x-h264"))
        return h264;
    if (gst_structure_has_name(s, "audio/x-opus"))
        return "rtpopuspay mtu=1200";
    const char* encoding = gst_structure_get_string(s, "encoding-name");
    return encoding && equalsIgnoringCase(encoding, "H264")
               ? "rtph264depay ! h264parse ! capsfilter "
                 "caps=video/x-h264,stream-format=byte-stream,alignment=au ! " +
                     h264
               : "";
}

Codec codecOf(const GstCaps* caps) {
    const GstStructure* s = gst_caps_get_structure(caps, 0);
    const auto text = [&](const char* field) -> std::string {
        const char* value = gst_structure_get_string(s, field);
        return value ? value : "";
    };
    Codec codec;
    codec.kind = text("media") == "audio" ? Kind::Audio : Kind::Video;
    codec.encoding = text("encoding-name");
    std::transform(codec.encoding.begin(), codec.encoding.end(), codec.encoding.begin(),
                   [](unsigned char c) { return g_ascii_toupper(c); });
    gst_structure_get_int(s, "clock-rate", &codec.clockRate);
    if (codec.encoding == "H264")
        codec.profileLevelId = text("profile-level-id");
    return codec;
}

} // namespace web
