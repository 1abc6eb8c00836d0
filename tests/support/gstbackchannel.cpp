#include "support/gstbackchannel.hpp"

#include "glue/ref.hpp"

namespace camera {
namespace {

constexpr int rate = 8000; ///< at which sound is measured

const char* codecName(Backchannel codec) {
    switch (codec) {
    case Backchannel::Pcmu:
        return "PCMU";
    case Backchannel::Pcma:
        return "PCMA";
    case Backchannel::Aac:
        return "AAC";
    case Backchannel::None:
        break;
    }
    return "";
}

/// RTP caps as the SDP tells them, and what decodes it. AAC is 16 kHz mono, the kind that ONVIF
/// devices offer.
std::pair<std::string, std::string> formatOf(Backchannel codec) {
    switch (codec) {
    case Backchannel::Pcmu:
        return {"payload=0,clock-rate=8000,encoding-name=PCMU", "rtppcmudepay ! mulawdec"};
    case Backchannel::Pcma:
        return {"payload=8,clock-rate=8000,encoding-name=PCMA", "rtppcmadepay ! alawdec"};
    case Backchannel::Aac:
        return {"payload=110,clock-rate=16000,encoding-name=MPEG4-GENERIC,encoding-params=(string)"
                "1,streamtype=(string)5,profile-level-id=(string)1,mode=(string)AAC-hbr,sizelength="
                "(string)13,indexlength=(string)3,indexdeltalength=(string)3,config=(string)1408",
                "rtpmp4gdepay ! aacparse ! avdec_aac"};
    case Backchannel::None:
        break;
    }
    return {};
}

} // namespace

Loudspeaker::Loudspeaker(Backchannel codec) : codec_(codec), meter_(rate) {}

std::string Loudspeaker::launch() const {
    if (codec_ == Backchannel::None)
        return {};
    const auto [caps, decoder] = formatOf(codec_);
    // A receiver must not hold up the preroll of what is sent.
    return "( capsfilter name=depay_backchannel caps=\"application/x-rtp,media=audio," + caps +
           "\" ! " + decoder +
           " ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,layout=interleaved,"
           "channels=1,rate=8000 ! fakesink name=loudspeaker signal-handoffs=true sync=false "
           "async=false )";
}

bool Loudspeaker::attach(GstElement* bin) {
    const glue::Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(bin), "loudspeaker"));
    const glue::Ref<GstElement> entrance(gst_bin_get_by_name(GST_BIN(bin), "depay_backchannel"));
    if (!sink || !entrance)
        return false;
    g_signal_connect(sink.get(), "handoff", G_CALLBACK(onSamples), this);
    const glue::Ref<GstPad> pad(gst_element_get_static_pad(entrance.get(), "src"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, onPacket, this, nullptr);
    return true;
}

void Loudspeaker::onSamples(GstElement*, GstBuffer* buffer, GstPad*, gpointer data) {
    auto* self = static_cast<Loudspeaker*>(data);
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return;
    {
        const std::lock_guard lock(self->mutex_);
        self->meter_.hear(reinterpret_cast<const std::int16_t*>(map.data),
                          map.size / sizeof(std::int16_t));
    }
    gst_buffer_unmap(buffer, &map);
}

GstPadProbeReturn Loudspeaker::onPacket(GstPad*, GstPadProbeInfo*, gpointer data) {
    auto* self = static_cast<Loudspeaker*>(data);
    const std::lock_guard lock(self->mutex_);
    ++self->packets_;
    return GST_PAD_PROBE_OK;
}

Heard Loudspeaker::heard() const {
    const std::lock_guard lock(mutex_);
    return {packets_, meter_.samples(), codecName(codec_), meter_.loudness(), meter_.frequency()};
}

} // namespace camera
