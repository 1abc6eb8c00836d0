#include "support/whipclient.hpp"

#include "support/webrtcpeer.hpp"
#include "support/whepclient.hpp"

#include <gst/video/video.h>

#include <stdexcept>

namespace support {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

constexpr auto packets =
    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
constexpr int soundPayload = 111;

int payloadOf(const std::string& encoding) {
    return encoding == "VP9" ? 98 : encoding == "H264" ? 102 : 96;
}

std::string encoderOf(const std::string& encoding) {
    if (encoding == "VP9")
        return "vp9enc deadline=1 cpu-used=8 lag-in-frames=0 keyframe-max-dist=3000 "
               "target-bitrate=300000 ! rtpvp9pay picture-id-mode=15-bit mtu=1200";
    if (encoding == "H264")
        return "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=3000 bitrate=300 ! "
               "video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 "
               "mtu=1200";
    return "vp8enc deadline=1 cpu-used=16 keyframe-max-dist=3000 target-bitrate=300000 ! "
           "rtpvp8pay picture-id-mode=15-bit mtu=1200";
}

} // namespace

WhipClient::WhipClient(std::string endpoint, Options options)
    : endpoint_(std::move(endpoint)), options_(std::move(options)) {
    std::string description =
        "webrtcbin name=w bundle-policy=max-bundle videotestsrc is-live=true ! "
        "video/x-raw,format=I420,framerate=25/1,height=180,width=" +
        std::to_string(options_.width) + " ! " + encoderOf(options_.encoding) +
        " pt=" + std::to_string(payloadOf(options_.encoding)) + " ! w.";
    if (options_.audio)
        description += " audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc "
                       "! rtpopuspay pt=" +
                       std::to_string(soundPayload) + " ! w.";
    pipeline_.reset(
        GST_ELEMENT(gst_object_ref_sink(gst_parse_launch(description.c_str(), nullptr))));
    webrtc_.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "w"));
    if (!webrtc_)
        throw std::runtime_error("no webrtcbin");
    handshake_.watch(webrtc_.get());
    g_signal_connect(webrtc_.get(), "deep-element-added", G_CALLBACK(onElement), this);
    const Ref<GstPad> picture(gst_element_get_static_pad(webrtc_.get(), "sink_0"));
    gst_pad_add_probe(picture.get(), packets, onPacket, this, nullptr);
    gst_pad_add_probe(picture.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, onRequest, this, nullptr);
    keepQuiet(pipeline_.get(), webrtc_.get());
    for (gint i = 0; i < (options_.audio ? 2 : 1); i++) {
        GstWebRTCRTPTransceiver* transceiver = nullptr;
        g_signal_emit_by_name(webrtc_.get(), "get-transceiver", i, &transceiver);
        g_object_set(transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY,
                     "do-nack", i == 0 ? TRUE : FALSE, nullptr);
        gst_object_unref(transceiver);
    }
}

// --- loss ---------------------------------------------------------------------------------------

GstPadProbeReturn WhipClient::onPacket(GstPad*, GstPadProbeInfo*, gpointer data) {
    auto* self = static_cast<WhipClient*>(data);
    if (self->losing_ <= 0)
        return GST_PAD_PROBE_OK;
    self->losing_--;
    return GST_PAD_PROBE_DROP;
}

GstPadProbeReturn WhipClient::onRequest(GstPad*, GstPadProbeInfo* info, gpointer data) {
    if (gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
        static_cast<WhipClient*>(data)->keyRequests_++;
    return GST_PAD_PROBE_OK;
}

void WhipClient::onElement(GstBin*, GstBin*, GstElement* element, gpointer data) {
    const GstElementFactory* factory = gst_element_get_factory(element);
    if (!factory || g_strcmp0(GST_OBJECT_NAME(factory), "nicesink") != 0)
        return;
    const Ref<GstPad> pad(gst_element_get_static_pad(element, "sink"));
    gst_pad_add_probe(pad.get(), packets, onSent, data, nullptr);
}

GstPadProbeReturn WhipClient::onSent(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto* self = static_cast<WhipClient*>(data);
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER)
        return self->isLost(GST_PAD_PROBE_INFO_BUFFER(info)) ? GST_PAD_PROBE_DROP
                                                             : GST_PAD_PROBE_OK;
    GstBufferList* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
    GST_PAD_PROBE_INFO_DATA(info) = list;
    for (guint i = 0; i < gst_buffer_list_length(list);) {
        if (self->isLost(gst_buffer_list_get(list, i)))
            gst_buffer_list_remove(list, i, 1);
        else
            i++;
    }
    return GST_PAD_PROBE_OK;
}

/// The head of an encrypted packet is open to read (RFC 3711 section 3.1).
bool WhipClient::isLost(GstBuffer* sent) {
    guint8 head[2];
    if (gst_buffer_extract(sent, 0, head, 2) != 2 || head[0] >> 6 != 2)
        return false;
    const bool rtcp = head[1] >= 192 && head[1] < 224; // RFC 5761 section 4
    const int payload = head[1] & 0x7f;
    if (rtcp || payload == soundPayload)
        return false;
    if (payload != payloadOf(options_.encoding)) {
        repeated_++;
        return false;
    }
    if (losingOnTheWay_ <= 0)
        return false;
    losingOnTheWay_--;
    return true;
}

// --- HTTP ---------------------------------------------------------------------------------------

WhipClient::~WhipClient() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

std::string WhipClient::makeOffer() {
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    // The payloaders' caps say which SSRCs there will be.
    for (const char* name : {"sink_0", "sink_1"}) {
        const Ref<GstPad> pad(gst_element_get_static_pad(webrtc_.get(), name));
        if (pad && !waitFor(120s, [&] {
                return Ref<GstCaps>(gst_pad_get_current_caps(pad.get())) != nullptr;
            }))
            throw std::runtime_error("nothing is encoded");
    }
    return describe(webrtc_.get(), "offer");
}

int WhipClient::publish() {
    response_ = WhepClient::ask("POST", endpoint_, {{"Content-Type", "application/sdp"}},
                                options_.edit(makeOffer()));
    if (response_.status == 201 && !take(webrtc_.get(), GST_WEBRTC_SDP_TYPE_ANSWER, response_.body))
        throw std::runtime_error("the answer is not one: " + response_.body);
    return response_.status;
}

int WhipClient::leave() { return WhepClient::ask("DELETE", session()).status; }

std::string WhipClient::session() const {
    const std::string location = response_.header("Location");
    if (location.empty() || location[0] != '/')
        throw std::runtime_error("no session");
    return endpoint_.substr(0, endpoint_.find('/', 8)) + location;
}

bool WhipClient::waitConnected(std::chrono::seconds limit) const {
    return waitFor(limit, [this] { return handshake_.isDone(); });
}

} // namespace support
