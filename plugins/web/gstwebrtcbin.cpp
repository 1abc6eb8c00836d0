#include "web/gstwebrtcbin.hpp"

#include "glue/ref.hpp"
#include "web/iceserver.hpp"

#include <gst/webrtc/webrtc.h>

namespace web {

using glue::Ref;

namespace {

using SharedStamp = std::shared_ptr<Stamp>;

GstPadProbeReturn onReceived(GstPad*, GstPadProbeInfo*, gpointer data) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    (*static_cast<SharedStamp*>(data))->store(now.count());
    return GST_PAD_PROBE_OK;
}

/// webrtcbin keeps 500 packets to send again: half a second of a large picture, and browsers that
/// lose much wait for longer. A second and a half of any, then, where leaveOutRetransmission()
/// leaves it in.
void keepLongEnough(GstElement* retransmitter) {
    constexpr guint milliseconds = 1500;
    constexpr guint packets = 4000; // 20 Mbit/s
    g_object_set(retransmitter, "max-size-packets", packets, "max-size-time", milliseconds,
                 nullptr);
}

void onElement(GstBin*, GstBin*, GstElement* element, gpointer data) {
    GstElementFactory* factory = gst_element_get_factory(element);
    const char* name = factory ? GST_OBJECT_NAME(factory) : "";
    if (g_str_equal(name, "rtprtxsend"))
        keepLongEnough(element);
    if (!g_str_equal(name, "nicesrc"))
        return;
    const Ref<GstPad> pad(gst_element_get_static_pad(element, "src"));
    gst_pad_add_probe(
        pad.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        onReceived, new SharedStamp(*static_cast<SharedStamp*>(data)),
        [](gpointer stamp) { delete static_cast<SharedStamp*>(stamp); });
}

struct Extension {
    std::string field, uri;
};

/// The session reads caps with a payload type only. It is one that no packet has where RTCP shares
/// the port (RFC 5761 section 4): what comes of the caps is meant for no stream.
constexpr int nobodysPayload = 72;

GstPadProbeReturn onCaps(GstPad*, GstPadProbeInfo* info, gpointer data) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
        return GST_PAD_PROBE_OK;
    const auto* extension = static_cast<Extension*>(data);
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const Ref<GstCaps> told(gst_caps_copy(caps));
    gst_caps_set_simple(told.get(), "payload", G_TYPE_INT, nobodysPayload, "clock-rate", G_TYPE_INT,
                        90000, extension->field.c_str(), G_TYPE_STRING, extension->uri.c_str(),
                        nullptr);
    GST_PAD_PROBE_INFO_DATA(info) = gst_event_new_caps(told.get());
    gst_event_unref(event);
    return GST_PAD_PROBE_OK;
}

void onDecoder(GstBin*, GstBin*, GstElement* element, gpointer data) {
    GstElementFactory* factory = gst_element_get_factory(element);
    if (!factory || g_strcmp0(GST_OBJECT_NAME(factory), "dtlssrtpdec") != 0)
        return;
    if (const Ref<GstPad> pad{gst_element_get_static_pad(element, "rtp_src")})
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, onCaps,
                          new Extension(*static_cast<Extension*>(data)),
                          [](gpointer extension) { delete static_cast<Extension*>(extension); });
}

} // namespace

gulong announceExtension(GstElement* webrtc, int id, const std::string& uri) {
    return g_signal_connect_data(
        webrtc, "deep-element-added", G_CALLBACK(onDecoder),
        new Extension{"extmap-" + std::to_string(id), uri},
        [](gpointer data, GClosure*) { delete static_cast<Extension*>(data); }, GConnectFlags(0));
}

gulong watchReceived(GstElement* webrtc, std::shared_ptr<Stamp> stamp) {
    return g_signal_connect_data(
        webrtc, "deep-element-added", G_CALLBACK(onElement), new SharedStamp(std::move(stamp)),
        [](gpointer data, GClosure*) { delete static_cast<SharedStamp*>(data); }, GConnectFlags(0));
}

void warmUpDtls() {
    if (const Ref<GstElement> decoder{gst_element_factory_make("dtlsdec", nullptr)}) {
        gst_object_ref_sink(decoder.get());
        gst_element_set_state(decoder.get(), GST_STATE_READY);
        gst_element_set_state(decoder.get(), GST_STATE_NULL);
    }
}

// All interfaces are offered even when the page is served on loopback alone: Firefox pairs no
// loopback candidate with one of its own, which are never loopback. Media ports answer to the ICE
// password of their session only.
void configureIce(GstElement* webrtc, const RtcSettings& settings) {
    if (!settings.stunServer.empty())
        g_object_set(webrtc, "stun-server", settings.stunServer.c_str(), nullptr);
    for (const IceServer& server : IceServer::turns(settings.turnServer, settings.turnSecret)) {
        gboolean taken = FALSE;
        g_signal_emit_by_name(webrtc, "add-turn-server", server.uri().c_str(), &taken);
    }
    g_object_set(webrtc, "ice-transport-policy", static_cast<int>(settings.icePolicy), nullptr);
    GObject* ice = nullptr;
    g_object_get(webrtc, "ice-agent", &ice, nullptr);
    if (!ice)
        return;
    g_object_set(ice, "min-rtp-port", settings.minRtpPort, "max-rtp-port", settings.maxRtpPort,
                 nullptr);
    GObject* agent = nullptr;
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(ice), "agent"))
        g_object_get(ice, "agent", &agent, nullptr);
    if (agent) {
        // UPnP asks the router before each answer: 200 ms, a thread and 13 descriptors per viewer.
        g_object_set(agent, "upnp", FALSE, "keepalive-conncheck", TRUE, "ice-tcp",
                     settings.iceTcp ? TRUE : FALSE, nullptr);
        g_object_unref(agent);
    }
    g_object_unref(ice);
}

void configureTransceiver(GstPad* pad, const Served& served, const Codec& codec,
                          std::uint32_t ssrc) {
    // Without the SSRC webrtcbin may invent one for the answer, and Chromium then decodes
    // everything and shows nothing. Without profile-level-id, H.264 has no decoder.
    const Ref<GstCaps> caps(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, codec.kind == Kind::Audio ? "audio" : "video",
        "encoding-name", G_TYPE_STRING, codec.encoding.c_str(), "clock-rate", G_TYPE_INT,
        codec.clockRate, "payload", G_TYPE_INT, served.format.payload, "ssrc", G_TYPE_UINT, ssrc,
        nullptr));
    if (codec.encoding == "H264") {
        const std::string level = served.format.parameter("profile-level-id", "42000a");
        gst_caps_set_simple(caps.get(), "packetization-mode", G_TYPE_STRING, "1",
                            "profile-level-id", G_TYPE_STRING, level.c_str(), nullptr);
    }
    GstWebRTCRTPTransceiver* transceiver = nullptr;
    g_object_get(pad, "transceiver", &transceiver, nullptr);
    g_object_set(transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "do-nack",
                 served.retransmission >= 0 ? TRUE : FALSE, "codec-preferences", caps.get(),
                 nullptr);
    gst_object_unref(transceiver);
}

std::string localDescription(GstElement* webrtc) {
    GstWebRTCSessionDescription* local = nullptr;
    g_object_get(webrtc, "local-description", &local, nullptr);
    if (!local)
        return "";
    const Ref<char> text(gst_sdp_message_as_text(local->sdp));
    gst_webrtc_session_description_free(local);
    return text.get();
}

namespace {

bool isOf(const char* factory, GstElement* element) {
    GstElementFactory* made = element ? gst_element_get_factory(element) : nullptr;
    return made && g_str_equal(GST_OBJECT_NAME(made), factory);
}

/// A bin with an encoder of redundancy in it, as webrtcbin makes it.
bool correctsErrors(GstElement* element) {
    if (!isOf("bin", element))
        return false;
    for (GList* i = GST_BIN_CHILDREN(element); i; i = i->next)
        if (!isOf("rtpulpfecenc", GST_ELEMENT(i->data)) && !isOf("rtpredenc", GST_ELEMENT(i->data)))
            return false;
    return true;
}

/// The element behind a pad, and the pad that it goes on with.
std::pair<Ref<GstElement>, Ref<GstPad>> behind(GstPad* pad, const char* out = "src") {
    Ref<GstElement> element(pad ? gst_pad_get_parent_element(pad) : nullptr);
    Ref<GstPad> next(element ? gst_element_get_static_pad(element.get(), out) : nullptr);
    return {std::move(element), std::move(next)};
}

Ref<GstPad> targetOf(GstPad* pad) {
    return Ref<GstPad>(GST_IS_GHOST_PAD(pad) ? gst_ghost_pad_get_target(GST_GHOST_PAD(pad))
                                             : nullptr);
}

Ref<GstPad> peerOf(GstPad* pad) { return Ref<GstPad>(pad ? gst_pad_get_peer(pad) : nullptr); }

void takeOut(GstElement* bin, GstElement* element) {
    gst_element_set_state(element, GST_STATE_NULL);
    gst_bin_remove(GST_BIN(bin), element);
}

} // namespace

bool leaveOutErrorCorrection(GstElement* webrtc, GstPad* source) {
    const Ref<GstPad> sink = peerOf(source);
    const auto [sync, fromSync] = behind(targetOf(sink.get()).get());
    const auto [encoder, fromEncoder] = behind(peerOf(fromSync.get()).get());
    const Ref<GstPad> to = peerOf(fromEncoder.get());
    if (!isOf("clocksync", sync.get()) || !correctsErrors(encoder.get()) || !to)
        return false;
    gst_pad_unlink(fromEncoder.get(), to.get());
    const bool done = gst_ghost_pad_set_target(GST_GHOST_PAD(sink.get()), to.get());
    takeOut(webrtc, encoder.get());
    takeOut(webrtc, sync.get());
    return done;
}

bool leaveOutRetransmission(GstElement* webrtc) {
    const Ref<GstElement> rtpbin(gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin"));
    const Ref<GstPad> sink(rtpbin ? gst_element_get_static_pad(rtpbin.get(), "send_rtp_sink_0")
                                  : nullptr);
    const auto [retransmitter, out] = behind(targetOf(sink.get()).get(), "src_0");
    const Ref<GstPad> to = peerOf(out.get());
    const Ref<GstElement> session(to ? gst_pad_get_parent_element(to.get()) : nullptr);
    if (!isOf("bin", retransmitter.get()) || !isOf("rtpsession", session.get()))
        return false;
    gst_pad_unlink(out.get(), to.get());
    const bool done = gst_ghost_pad_set_target(GST_GHOST_PAD(sink.get()), to.get());
    gst_element_set_locked_state(retransmitter.get(), TRUE); // it stays rtpbin's, but has a thread
    gst_element_set_state(retransmitter.get(), GST_STATE_NULL);
    return done;
}

bool isPeer(GstElement* webrtc, const Fingerprint& fingerprint) {
    // GStreamer checks this from 1.28.5 on; before, whoever answers our DTLS gets the picture.
    GstWebRTCRTPTransceiver* transceiver = nullptr;
    g_signal_emit_by_name(webrtc, "get-transceiver", 0, &transceiver);
    if (!transceiver)
        return false;
    GstWebRTCRTPSender* sender = nullptr;
    GstWebRTCDTLSTransport* transport = nullptr;
    g_object_get(transceiver, "sender", &sender, nullptr);
    if (sender)
        g_object_get(sender, "transport", &transport, nullptr);
    char* pem = nullptr;
    if (transport)
        g_object_get(transport, "remote-certificate", &pem, nullptr);
    const Ref<char> owned(pem);
    const bool same = pem && isCertificateOf(pem, fingerprint);
    g_clear_object(&transport);
    g_clear_object(&sender);
    g_clear_object(&transceiver);
    return same;
}

namespace {

void onRtcp(GObject*, GstBuffer* buffer, gpointer data) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return;
    const auto reports = readReports(map.data, map.size);
    gst_buffer_unmap(buffer, &map);
    if (!reports.empty())
        (*static_cast<Reported*>(data))(reports);
}

} // namespace

std::shared_ptr<GObject> sessionOf(GstElement* webrtc) {
    const Ref<GstElement> rtpbin(gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin"));
    GObject* session = nullptr;
    if (rtpbin)
        g_signal_emit_by_name(rtpbin.get(), "get-internal-session", 0u, &session);
    return session ? std::shared_ptr<GObject>(session, g_object_unref) : nullptr;
}

// rtpsession's own statistics keep only the last block of each report, which may be about the
// packets that are sent again: few, so that one of them lost looks like a broken network.
gulong watchReports(GObject* session, Reported reported) {
    return g_signal_connect_data(
        session, "on-receiving-rtcp", G_CALLBACK(onRtcp), new Reported(std::move(reported)),
        [](gpointer data, GClosure*) { delete static_cast<Reported*>(data); }, GConnectFlags(0));
}

} // namespace web
