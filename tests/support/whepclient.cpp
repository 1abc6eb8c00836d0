#include "support/whepclient.hpp"

#include "base/error.hpp"
#include "support/webrtcpeer.hpp"

#include <stdexcept>

namespace support {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

std::string decoderFor(const std::string& encoding) {
    if (encoding == "VP9")
        return "rtpvp9depay ! vp9dec";
    if (encoding == "VP8")
        return "rtpvp8depay ! vp8dec";
    if (encoding == "H264")
        return "rtph264depay ! h264parse ! avdec_h264";
    if (encoding == "H265")
        return "rtph265depay ! h265parse ! avdec_h265";
    if (encoding == "PCMU")
        return "rtppcmudepay ! mulawdec";
    if (encoding == "PCMA")
        return "rtppcmadepay ! alawdec";
    return "rtpopusdepay ! opusdec";
}

/// The same, short of its last element, the decoder.
std::string depayloaderFor(const std::string& encoding) {
    const std::string whole = decoderFor(encoding);
    return whole.substr(0, whole.rfind(" ! "));
}

} // namespace

WhepClient::WhepClient(std::string endpoint, Options options)
    : endpoint_(std::move(endpoint)), options_(std::move(options)),
      pipeline_(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr)))),
      webrtc_(gst_element_factory_make("webrtcbin", nullptr)) {
    if (!webrtc_)
        throw std::runtime_error("no webrtcbin");
    g_object_set(webrtc_, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", 50,
                 nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtc_);
    keepQuiet(pipeline_.get(), webrtc_);
    handshake_.watch(webrtc_);
    g_signal_connect(webrtc_, "pad-added", G_CALLBACK(onPad), this);
    g_signal_connect(webrtc_, "deep-element-added", G_CALLBACK(onElement), this);
}

WhepClient::~WhepClient() {
    g_signal_handlers_disconnect_by_data(webrtc_, this);
    if (channel_)
        g_signal_handlers_disconnect_by_data(channel_, this);
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    g_clear_object(&channel_);
}

void WhepClient::addChannel() {
    const Ref<GstStructure> options(gst_structure_new("options", "ordered", G_TYPE_BOOLEAN, FALSE,
                                                      "max-retransmits", G_TYPE_INT, 1, nullptr));
    g_signal_emit_by_name(webrtc_, "create-data-channel", options_.channel.c_str(), options.get(),
                          &channel_);
    if (!channel_)
        throw std::runtime_error("no data channel");
    g_signal_connect(channel_, "on-message-string", G_CALLBACK(onMessage), this);
}

void WhepClient::onMessage(GObject*, const char* text, gpointer data) {
    auto* self = static_cast<WhepClient*>(data);
    const std::lock_guard<std::mutex> lock(self->mutex_);
    self->messages_.emplace_back(text ? text : "");
}

std::vector<std::string> WhepClient::messages() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return messages_;
}

void WhepClient::addTransceiver(const char* media, const std::string& encoding, int rate,
                                int payload) {
    const Ref<GstCaps> caps(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, media, "encoding-name", G_TYPE_STRING,
        encoding.c_str(), "clock-rate", G_TYPE_INT, rate, "payload", G_TYPE_INT, payload, nullptr));
    if (encoding == "H264")
        gst_caps_set_simple(caps.get(), "packetization-mode", G_TYPE_STRING, "1",
                            "profile-level-id", G_TYPE_STRING, "42e01f", nullptr);
    if (encoding == "OPUS")
        gst_caps_set_simple(caps.get(), "encoding-params", G_TYPE_STRING, "2", nullptr);
    GstWebRTCRTPTransceiver* transceiver = nullptr;
    g_signal_emit_by_name(webrtc_, "add-transceiver", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY,
                          caps.get(), &transceiver);
    g_object_set(transceiver, "do-nack", TRUE, nullptr);
    gst_object_unref(transceiver);
}

std::string WhepClient::makeOffer() {
    addTransceiver("video", options_.encoding, 90000, 107);
    if (options_.audio) {
        const bool telephone = options_.sound != "OPUS";
        addTransceiver("audio", options_.sound, telephone ? 8000 : 48000,
                       !telephone                 ? 115
                       : options_.sound == "PCMU" ? 0
                                                  : 8);
    }
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    if (!options_.channel.empty())
        addChannel();
    return describe(webrtc_, "offer");
}

int WhepClient::join() {
    response_ =
        ask("POST", endpoint_, {{"Content-Type", "application/sdp"}}, options_.edit(makeOffer()));
    if (response_.status == 201 && !take(webrtc_, GST_WEBRTC_SDP_TYPE_ANSWER, response_.body))
        throw std::runtime_error("the answer is not one: " + response_.body);
    return response_.status;
}

int WhepClient::leave() { return ask("DELETE", session()).status; }

std::string WhepClient::session() const {
    const std::string location = response_.header("Location");
    if (location.empty() || location[0] != '/')
        throw std::runtime_error("no session");
    return endpoint_.substr(0, endpoint_.find('/', 8)) + location;
}

net::HttpResponse WhepClient::ask(const std::string& method, const std::string& url,
                                  net::HttpHeaders headers, const std::string& body) {
    net::HttpOptions options;
    options.timeout = 120s;
    net::HttpClient client(options);
    net::HttpRequest request;
    request.method = method;
    request.url = url;
    request.body = body;
    for (auto& header : headers)
        if (header.first == "Content-Type")
            request.contentType = header.second;
        else
            request.headers.push_back(header);
    try {
        return client.send(request, net::Cancel());
    } catch (const base::Error&) {
        return {};
    }
}

void WhepClient::onPad(GstElement*, GstPad* pad, gpointer data) {
    auto* self = static_cast<WhepClient*>(data);
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC)
        return;
    const Ref<GstCaps> caps(gst_pad_get_current_caps(pad));
    const char* encoding =
        gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "encoding-name");
    const std::string line =
        self->options_.decode ? decoderFor(encoding) : depayloaderFor(encoding);
    GstElement* bin = gst_parse_bin_from_description(line.c_str(), TRUE, nullptr);
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "signal-handoffs", TRUE, "sync", FALSE, "async", FALSE, nullptr);
    const char* media = gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "media");
    const bool sound = g_strcmp0(media, "audio") == 0;
    g_signal_connect(sink, "handoff", G_CALLBACK(sound ? onSound : onFrame), self);
    gst_bin_add_many(GST_BIN(self->pipeline_.get()), bin, sink, nullptr);
    gst_element_link(bin, sink);
    gst_element_sync_state_with_parent(sink);
    gst_element_sync_state_with_parent(bin);
    const Ref<GstPad> in(gst_element_get_static_pad(bin, "sink"));
    gst_pad_link(pad, in.get());
}

void WhepClient::askForKeyFrame() {
    GstStructure* wish = gst_structure_new("GstForceKeyUnit", "running-time", GST_TYPE_CLOCK_TIME,
                                           GST_CLOCK_TIME_NONE, "all-headers", G_TYPE_BOOLEAN,
                                           FALSE, "count", G_TYPE_UINT, 0u, nullptr);
    gst_element_send_event(pipeline_.get(), gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, wish));
}

void WhepClient::onElement(GstBin*, GstBin*, GstElement* element, gpointer self) {
    GstElementFactory* factory = gst_element_get_factory(element);
    if (!factory || g_strcmp0(GST_OBJECT_NAME(factory), "nicesrc") != 0)
        return;
    const Ref<GstPad> pad(gst_element_get_static_pad(element, "src"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, onPacket, self, nullptr);
}

/// The head of an RTP packet, which SRTP leaves as it is.
void WhepClient::look(const std::uint8_t* packet, std::size_t size) {
    const unsigned type = size < 12 || packet[0] >> 6 != 2 ? 0 : packet[1] & 0x7f;
    if (type < 96)
        return; // DTLS, STUN, RTCP, or sound
    const std::uint32_t timestamp = GST_READ_UINT32_BE(packet + 4);
    std::uint32_t& newest =
        newest_.try_emplace(GST_READ_UINT32_BE(packet + 8), timestamp).first->second;
    const auto step = static_cast<std::int32_t>(timestamp - newest);
    backwards_ += step < -90000;
    if (step > 0)
        newest = timestamp;
}

GstPadProbeReturn WhepClient::onPacket(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto* self = static_cast<WhepClient*>(data);
    GstMapInfo map;
    if (gst_buffer_map(GST_PAD_PROBE_INFO_BUFFER(info), &map, GST_MAP_READ)) {
        self->look(map.data, map.size);
        gst_buffer_unmap(GST_PAD_PROBE_INFO_BUFFER(info), &map);
    }
    const int every = self->losing_;
    // By chance: every n-th may always be the packet that was sent again, and then nothing is lost.
    return every > 0 && g_random_int_range(0, every) == 0 ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

void WhepClient::onFrame(GstElement*, GstBuffer*, GstPad* pad, gpointer data) {
    auto* self = static_cast<WhepClient*>(data);
    const Ref<GstCaps> caps(gst_pad_get_current_caps(pad));
    int width = 0;
    if (caps && gst_structure_get_int(gst_caps_get_structure(caps.get(), 0), "width", &width))
        self->width_ = width;
    self->frames_++;
}

void WhepClient::onSound(GstElement*, GstBuffer*, GstPad*, gpointer data) {
    static_cast<WhepClient*>(data)->sounds_++;
}

bool WhepClient::sees(int frames, std::chrono::seconds limit) {
    const int wanted = frames_ + frames;
    return waitFor(limit, [&] { return frames_ >= wanted; });
}

bool WhepClient::hears(int buffers, std::chrono::seconds limit) {
    const int wanted = sounds_ + buffers;
    return waitFor(limit, [&] { return sounds_ >= wanted; });
}

bool WhepClient::waitConnected(std::chrono::seconds limit) const {
    return waitFor(limit, [this] { return handshake_.isDone(); });
}

} // namespace support
