#include "web/gstpublisher.hpp"

#include "base/error.hpp"
#include "web/advertised.hpp"
#include "web/whip.hpp"

#include <gst/video/video.h>

#include <algorithm>

GST_DEBUG_CATEGORY_EXTERN(whiplistensrc_debug);
#define GST_CAT_DEFAULT whiplistensrc_debug

namespace web {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

/// Bits per second, a twentieth of which is RTCP's.
constexpr double sessionBandwidth = 2e6;

/// How often is looked whether there is a picture.
constexpr auto lookGap = 300ms;

template <class T>
void destroy(gpointer data) {
    delete static_cast<T*>(data);
}

/// Lost packets are asked for again, before the jitter buffer gives them up.
void onTransceiver(GstElement*, GstWebRTCRTPTransceiver* transceiver, gpointer) {
    g_object_set(transceiver, "do-nack", TRUE, nullptr);
}

/// From RTP to frames, or nothing for what no decoder takes.
std::string depayloaderOf(const std::string& encoding) {
    const std::string careful = " wait-for-keyframe=true request-keyframe=true";
    if (encoding == "VP8")
        return "rtpvp8depay" + careful;
    if (encoding == "VP9")
        return "rtpvp9depay" + careful;
    if (encoding == "H264")
        return "rtph264depay" + careful +
               " ! h264parse config-interval=-1 "
               "! video/x-h264,stream-format=byte-stream,alignment=au";
    return encoding == "OPUS" ? "rtpopusdepay" : "";
}

} // namespace

Publisher::Publisher(std::shared_ptr<net::EventLoop> loop, const WhipSettings& settings,
                     std::string id, Offer offer, std::vector<Served> taken,
                     std::vector<Codec> codecs)
    : Peer(std::move(loop), {std::move(id), std::move(offer), settings}, whiplistensrc_debug,
           "publisher"),
      settings_(settings), taken_(std::move(taken)), codecs_(std::move(codecs)) {}

Publisher::~Publisher() { close(); }

void Publisher::begin(GstElement* model, Wishes wishes) {
    wishes_ = wishes;
    Peer::begin(model, std::move(wishes));
}

bool Publisher::prepare() {
    g_object_set(webrtc(), "latency", settings_.latency, nullptr);
    keep(g_signal_connect(webrtc(), "on-new-transceiver", G_CALLBACK(onTransceiver), nullptr));
    keep(g_signal_connect_data(
        webrtc(), "pad-added", G_CALLBACK(onPad), new std::shared_ptr<Inlet>(inlet_),
        [](gpointer data, GClosure*) { destroy<std::shared_ptr<Inlet>>(data); }, GConnectFlags(0)));
    // All sections share the transport, its numbers and their id.
    const auto numbered = std::find_if(taken_.begin(), taken_.end(),
                                       [](const Served& one) { return one.transportWide != 0; });
    if (numbered != taken_.end())
        keep(announceExtension(webrtc(), numbered->transportWide, transportWideUri));
    return true;
}

std::string Publisher::offerToUse() const { return offerToReceive(offer(), taken_); }

std::string Publisher::answerToSend(const std::string& made) const {
    GST_DEBUG("publisher %.8s: webrtcbin's answer:\n%s", id().c_str(), made.c_str());
    if (!receivesEverything(made, taken_.size()))
        throw base::Error(base::ErrorKind::Failed, "webrtcbin refused the codec", made);
    return finishReceiving(offer(), taken_, made, readAddresses(settings_.advertiseAddress));
}

void Publisher::opened() {
    // As much of it as RFC 4585 section 3.4 allows goes to feedback; of what a publisher sends that
    // may be one packet a second just when it has lost half of its rate, and a request that waits
    // for so long comes too late.
    if (const auto session = sessionOf(webrtc()))
        g_object_set(session.get(), "bandwidth", sessionBandwidth, nullptr);
    wishes_.opened();
}

void Publisher::closing() {
    looking_ = {};
    const std::lock_guard lock(inlet_->mutex);
    inlet_->outlets.clear();
    inlet_->pads.clear();
    wishes_ = {};
}

// --- what comes --------------------------------------------------------------------------------

std::shared_ptr<Outlet> Publisher::Inlet::outlet(Kind kind) {
    const std::lock_guard lock(mutex);
    for (const auto& outlet : outlets)
        if (outlet->kind() == kind)
            return outlet;
    return nullptr;
}

void Publisher::onPad(GstElement* webrtc, GstPad* pad, gpointer data) {
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC)
        return;
    if (listen(webrtc, pad, *static_cast<std::shared_ptr<Inlet>*>(data)))
        return;
    // A second picture, or what has no use: it has to go somewhere, or webrtcbin stops.
    const Ref<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(webrtc)));
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    if (!pipeline || !sink)
        return;
    g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
    gst_bin_add(GST_BIN(pipeline.get()), sink);
    gst_element_sync_state_with_parent(sink);
    const Ref<GstPad> in(gst_element_get_static_pad(sink, "sink"));
    gst_pad_link(pad, in.get());
}

bool Publisher::listen(GstElement* webrtc, GstPad* pad, const std::shared_ptr<Inlet>& inlet) {
    const Ref<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(webrtc)));
    const Ref<GstCaps> caps(gst_pad_get_current_caps(pad));
    GST_DEBUG("a publisher sends %" GST_PTR_FORMAT, static_cast<void*>(caps.get()));
    if (!pipeline || !caps)
        return false;
    const char* encoding =
        gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "encoding-name");
    const std::string chain = depayloaderOf(encoding ? encoding : "");
    const Kind kind = chain == "rtpopusdepay" ? Kind::Audio : Kind::Video;
    if (chain.empty())
        return false;
    {
        const std::lock_guard lock(inlet->mutex);
        if (std::exchange(kind == Kind::Video ? inlet->video : inlet->audio, true))
            return false;
    }
    GstElement* bin = gst_parse_bin_from_description(
        (chain + " ! appsink name=sink sync=false async=false enable-last-sample=false").c_str(),
        TRUE, nullptr);
    if (!bin)
        return false;
    gst_bin_add(GST_BIN(pipeline.get()), bin);
    const Ref<GstElement> sink(gst_bin_get_by_name(GST_BIN(bin), "sink"));
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = onSample;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks, new Ear{inlet, kind},
                               destroy<Ear>);
    if (kind == Kind::Video) {
        const std::lock_guard lock(inlet->mutex);
        inlet->pads.emplace_back(gst_element_get_static_pad(sink.get(), "sink"));
    }
    gst_element_sync_state_with_parent(bin);
    const Ref<GstPad> in(gst_element_get_static_pad(bin, "sink"));
    if (kind == Kind::Video)
        gst_pad_add_probe(in.get(),
                          static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                                       GST_PAD_PROBE_TYPE_BUFFER_LIST),
                          onPacket, new std::shared_ptr<Inlet>(inlet),
                          destroy<std::shared_ptr<Inlet>>);
    return gst_pad_link(pad, in.get()) == GST_PAD_LINK_OK;
}

GstPadProbeReturn Publisher::onPacket(GstPad*, GstPadProbeInfo*, gpointer inlet) {
    (*static_cast<std::shared_ptr<Inlet>*>(inlet))->packets++;
    return GST_PAD_PROBE_OK;
}

GstFlowReturn Publisher::onSample(GstAppSink* sink, gpointer data) {
    const auto* ear = static_cast<Ear*>(data);
    const Ref<GstSample> sample(gst_app_sink_pull_sample(sink));
    if (!sample)
        return GST_FLOW_OK;
    if (ear->kind == Kind::Video)
        ear->inlet->frames++;
    if (const auto outlet = ear->inlet->outlet(ear->kind))
        outlet->push(sample.get());
    return GST_FLOW_OK;
}

void Publisher::feed(std::vector<std::shared_ptr<Outlet>> outlets) {
    {
        const std::lock_guard lock(inlet_->mutex);
        inlet_->outlets = std::move(outlets);
    }
    askForKeyFrame();
    looking_ = loop().every(lookGap, [this] {
        if (standstill_.look(inlet_->packets, inlet_->frames))
            wishes_.needsKeyFrame();
    });
}

void Publisher::askForKeyFrame() {
    std::vector<Ref<GstPad>> pads;
    {
        const std::lock_guard lock(inlet_->mutex);
        for (const auto& pad : inlet_->pads)
            pads.push_back(glue::share(pad.get()));
    }
    for (const auto& pad : pads)
        gst_pad_push_event(
            pad.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, FALSE, 0));
}

} // namespace web
