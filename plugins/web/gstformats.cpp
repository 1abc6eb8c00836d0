#include "web/gstformats.hpp"

#include "glue/ref.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace web {
namespace {

constexpr const char* h264 =
    "h264parse config-interval=-1 ! "
    "capsfilter caps=video/x-h264,stream-format=byte-stream,alignment=au ! "
    "rtph264pay name=packer mtu=1200 config-interval=0 aggregate-mode=none";
constexpr const char* h265 =
    "h265parse config-interval=-1 ! "
    "capsfilter caps=video/x-h265,stream-format=byte-stream,alignment=au ! "
    "rtph265pay name=packer mtu=1200 config-interval=0 aggregate-mode=none";

/// Browsers' decoders want timestamps without holes, and 20 ms a packet.
constexpr const char* opus = "audioconvert ! audioresample ! "
                             "capsfilter caps=audio/x-raw,rate=48000,channels=[1,2] ! "
                             "opusenc perfect-timestamp=true bitrate=64000 ! "
                             "rtpopuspay name=packer mtu=1200";

/// What decodes AAC here: a broken frame is one lost, not the end; a second of them is.
std::string aac() {
    for (const char* factory : {"avdec_aac", "fdkaacdec", "faad"})
        if (const glue::Ref<GstElementFactory> found{gst_element_factory_find(factory)})
            return std::string("aacparse ! ") + factory + " max-errors=50 ! " + opus;
    return std::string("aacparse ! avdec_aac ! ") + opus; // and so says what is missing
}

struct Packed {
    const char* name; ///< of the caps, or encoding-name of RTP
    std::string chain;
};

std::string encodedChain(const GstStructure* s) {
    const std::string pcmTime = " mtu=1200 min-ptime=20000000 max-ptime=20000000";
    const std::array<Packed, 10> known = {{
        {"video/x-vp9", "rtpvp9pay name=packer mtu=1200 picture-id-mode=15-bit"},
        {"video/x-vp8", "rtpvp8pay name=packer mtu=1200 picture-id-mode=15-bit"},
        {"video/x-h264", h264},
        {"video/x-h265", h265},
        {"video/x-av1", "av1parse ! rtpav1pay name=packer mtu=1200"},
        {"audio/x-opus", "rtpopuspay name=packer mtu=1200"},
        {"audio/x-mulaw", "rtppcmupay name=packer" + pcmTime},
        {"audio/x-alaw", "rtppcmapay name=packer" + pcmTime},
        {"audio/mpeg", aac()},
        {"audio/x-raw", opus},
    }};
    for (const Packed& one : known)
        if (gst_structure_has_name(s, one.name))
            return one.chain;
    return "";
}

std::string upper(const char* text) {
    std::string result = text ? text : "";
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return g_ascii_toupper(c); });
    return result;
}

std::string rtpChain(const std::string& encoding) {
    if (encoding == "H264")
        return std::string("rtph264depay ! ") + h264;
    if (encoding == "H265")
        return std::string("rtph265depay ! ") + h265;
    if (encoding == "MPEG4-GENERIC")
        return "rtpmp4gdepay ! " + aac();
    if (encoding == "MP4A-LATM")
        return "rtpmp4adepay ! " + aac();
    if (encoding.rfind("G726-", 0) == 0)
        return std::string("rtpg726depay ! avdec_g726 max-errors=50 ! ") + opus;
    if (encoding == "L16")
        return std::string("rtpL16depay ! ") + opus;
    return "";
}

} // namespace

std::string chainFor(const GstCaps* caps) {
    const GstStructure* s = gst_caps_get_structure(caps, 0);
    return gst_structure_has_name(s, "application/x-rtp")
               ? rtpChain(upper(gst_structure_get_string(s, "encoding-name")))
               : encodedChain(s);
}

bool isSound(const GstCaps* caps) {
    const GstStructure* s = gst_caps_get_structure(caps, 0);
    return std::strncmp(gst_structure_get_name(s), "audio/", 6) == 0 ||
           g_strcmp0(gst_structure_get_string(s, "media"), "audio") == 0;
}

Codec codecOf(const GstCaps* caps) {
    const GstStructure* s = gst_caps_get_structure(caps, 0);
    Codec codec;
    codec.kind = isSound(caps) ? Kind::Audio : Kind::Video;
    codec.encoding = upper(gst_structure_get_string(s, "encoding-name"));
    gst_structure_get_int(s, "clock-rate", &codec.clockRate);
    if (codec.encoding == "H264")
        codec.profileLevelId = upper(gst_structure_get_string(s, "profile-level-id"));
    return codec;
}

} // namespace web
