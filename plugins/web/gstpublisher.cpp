#include "web/gstpublisher.hpp"

#include "base/error.hpp"
#include "glue/ownthreads.hpp"
#include "web/gstwebrtcbin.hpp"
#include "web/whip.hpp"

#include <gst/sdp/sdp.h>
#include <gst/video/video.h>

GST_DEBUG_CATEGORY_EXTERN(whiplistensrc_debug);
#define GST_CAT_DEFAULT whiplistensrc_debug

namespace web {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

/// How long to wait for the last candidate: with a STUN server that is down, libnice takes seconds.
constexpr auto gatheringTime = 400ms;
/// Candidates that one session may add: each has us send checks to an address of a stranger's
/// choice.
constexpr unsigned maxTrickled = 64;

/// A weak hold on a publisher for callbacks out of GStreamer's threads. Anything stronger makes a
/// cycle that is never freed.
struct Post {
    std::shared_ptr<net::EventLoop> loop;
    std::weak_ptr<Publisher> publisher;
    void (*work)(Publisher&);

    void operator()() const {
        loop->post([publisher = publisher, work = work] {
            if (const auto alive = publisher.lock())
                work(*alive);
        });
    }
};

struct Waiting {
    std::shared_ptr<net::EventLoop> loop;
    std::weak_ptr<Publisher> publisher;
    void (Publisher::*step)(const GstStructure*);
};

template <class T>
void destroyWithClosure(gpointer data, GClosure*) {
    delete static_cast<T*>(data);
}

template <class T>
void destroy(gpointer data) {
    delete static_cast<T*>(data);
}

using SharedStamp = std::shared_ptr<std::atomic<Publisher::Clock::rep>>;

GstPadProbeReturn onReceived(GstPad*, GstPadProbeInfo*, gpointer stamp) {
    (*static_cast<SharedStamp*>(stamp))->store(Publisher::Clock::now().time_since_epoch().count());
    return GST_PAD_PROBE_OK;
}

void onElement(GstBin*, GstBin*, GstElement* element, gpointer stamp) {
    GstElementFactory* factory = gst_element_get_factory(element);
    if (!factory || g_strcmp0(GST_OBJECT_NAME(factory), "nicesrc") != 0)
        return;
    const Ref<GstPad> pad(gst_element_get_static_pad(element, "src"));
    gst_pad_add_probe(
        pad.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        onReceived, new SharedStamp(*static_cast<SharedStamp*>(stamp)), destroy<SharedStamp>);
}

void onNotify(GObject*, GParamSpec*, gpointer post) { (*static_cast<Post*>(post))(); }

/// Lost packets are asked for again, before the jitter buffer gives them up.
void onTransceiver(GstElement*, GstWebRTCRTPTransceiver* transceiver, gpointer) {
    g_object_set(transceiver, "do-nack", TRUE, nullptr);
}

GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer post) {
    glue::giveOwnThread(message);
    // Whatever is left on a bus that nobody reads holds the elements it came from.
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        (*static_cast<Post*>(post))();
    gst_message_unref(message);
    return GST_BUS_DROP;
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
    : loop_(std::move(loop)), settings_(settings), id_(std::move(id)), offer_(std::move(offer)),
      taken_(std::move(taken)), codecs_(std::move(codecs)) {}

Publisher::~Publisher() { close(); }

void Publisher::begin(GstElement* model, Wishes wishes) {
    wishes_ = std::move(wishes);
    if (!build(model))
        return fail("webrtcbin cannot be made: install gstreamer1.0-plugins-bad and "
                    "gstreamer1.0-nice.");
    connecting_ = loop_->after(settings_.connectTimeout, [this] { fail("it never connected"); });
    GstSDPMessage* sdp = nullptr;
    if (gst_sdp_message_new_from_text(offerToReceive(offer_, taken_).c_str(), &sdp) != GST_SDP_OK)
        return fail("the offer cannot be read");
    GstWebRTCSessionDescription* description =
        gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, sdp);
    g_signal_emit_by_name(webrtc_, "set-remote-description", description,
                          promise(&Publisher::onRemoteSet));
    gst_webrtc_session_description_free(description);
}

bool Publisher::build(GstElement* model) {
    pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
    webrtc_ = gst_element_factory_make("webrtcbin", nullptr);
    if (!webrtc_)
        return false;
    g_object_set(webrtc_, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency",
                 settings_.latency, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtc_);
    configureIce(webrtc_, settings_);
    connectSignals();
    // The same clock and base time: a frame's running time here is its running time there.
    if (const Ref<GstClock> clock{gst_element_get_clock(model)})
        gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
    gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(pipeline_.get(), gst_element_get_base_time(model));
    return gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

void Publisher::connectSignals() {
    const auto post = [this](void (*work)(Publisher&)) {
        return new Post{loop_, weak_from_this(), work};
    };
    const auto connect = [this](const char* signal, GCallback handler, gpointer data,
                                GClosureNotify gone) {
        handlers_.push_back(
            g_signal_connect_data(webrtc_, signal, handler, data, gone, GConnectFlags(0)));
    };
    connect("notify::connection-state", G_CALLBACK(onNotify),
            post([](Publisher& p) { p.onState(); }), destroyWithClosure<Post>);
    connect("notify::ice-gathering-state", G_CALLBACK(onNotify),
            post([](Publisher& p) { p.sendAnswer(); }), destroyWithClosure<Post>);
    connect("on-new-transceiver", G_CALLBACK(onTransceiver), nullptr, nullptr);
    connect("deep-element-added", G_CALLBACK(onElement), new SharedStamp(heard_),
            destroyWithClosure<SharedStamp>);
    connect("pad-added", G_CALLBACK(onPad), new std::shared_ptr<Inlet>(inlet_),
            destroyWithClosure<std::shared_ptr<Inlet>>);
    const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    gst_bus_set_sync_handler(bus.get(), onMessage,
                             post([](Publisher& p) { p.fail("its pipeline failed"); }),
                             destroy<Post>);
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
    return gst_pad_link(pad, in.get()) == GST_PAD_LINK_OK;
}

GstFlowReturn Publisher::onSample(GstAppSink* sink, gpointer data) {
    const auto* ear = static_cast<Ear*>(data);
    const Ref<GstSample> sample(gst_app_sink_pull_sample(sink));
    if (!sample)
        return GST_FLOW_OK;
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

// --- negotiation -------------------------------------------------------------------------------

GstPromise* Publisher::promise(Step step) {
    const auto changed = [](GstPromise* promise, gpointer data) {
        const Ref<GstPromise> ours(promise); // the reference that promise() gave away
        if (gst_promise_wait(promise) != GST_PROMISE_RESULT_REPLIED)
            return;
        const auto* waiting = static_cast<Waiting*>(data);
        const GstStructure* reply = gst_promise_get_reply(promise);
        const std::shared_ptr<GstStructure> copy(reply ? gst_structure_copy(reply)
                                                       : gst_structure_new_empty("none"),
                                                 gst_structure_free);
        waiting->loop->post([publisher = waiting->publisher, step = waiting->step, copy] {
            const auto alive = publisher.lock();
            if (alive && !alive->closed_)
                (alive.get()->*step)(copy.get());
        });
    };
    return gst_promise_new_with_change_func(changed, new Waiting{loop_, weak_from_this(), step},
                                            destroy<Waiting>);
}

void Publisher::onRemoteSet(const GstStructure* reply) {
    if (gst_structure_has_field(reply, "error"))
        return fail("the offer was not accepted");
    g_signal_emit_by_name(webrtc_, "create-answer", nullptr, promise(&Publisher::onAnswer));
}

void Publisher::onAnswer(const GstStructure* reply) {
    GstWebRTCSessionDescription* answer = nullptr;
    gst_structure_get(reply, "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, nullptr);
    if (!answer)
        return fail("no answer could be made");
    g_signal_emit_by_name(webrtc_, "set-local-description", answer,
                          promise(&Publisher::onLocalSet));
    gst_webrtc_session_description_free(answer);
}

void Publisher::onLocalSet(const GstStructure* reply) {
    if (gst_structure_has_field(reply, "error"))
        return fail("the answer could not be used");
    localSet_ = true;
    gathering_ = loop_->after(gatheringTime, [this] {
        gathering_ = {};
        sendAnswer();
    });
    sendAnswer();
}

void Publisher::sendAnswer() {
    if (answered_ || !localSet_ || closed_)
        return;
    GstWebRTCICEGatheringState gathering;
    g_object_get(webrtc_, "ice-gathering-state", &gathering, nullptr);
    if (gathering != GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE && gathering_)
        return;
    gathering_ = {};
    GstWebRTCSessionDescription* local = nullptr;
    g_object_get(webrtc_, "local-description", &local, nullptr);
    if (!local)
        return fail("there is no answer");
    const Ref<char> text(gst_sdp_message_as_text(local->sdp));
    gst_webrtc_session_description_free(local);
    GST_DEBUG("publisher %.8s: webrtcbin's answer:\n%s", id_.c_str(), text.get());
    try {
        if (!receivesEverything(text.get(), taken_.size()))
            return fail("webrtcbin refused the codec");
        JoinResult result;
        result.id = id_;
        result.answer = finishReceiving(offer_, taken_, text.get());
        answered_ = true;
        wishes_.answered(std::move(result));
    } catch (const base::Error& error) {
        fail(error.what());
    }
}

bool Publisher::trickle(const Trickle& fragment) {
    if (!fragment.ufrag.empty() &&
        (fragment.ufrag != offer_.ufrag ||
         (!fragment.password.empty() && fragment.password != offer_.password)))
        return false;
    for (const Trickle::Candidate& candidate : fragment.candidates) {
        if (trickled_ == maxTrickled)
            break;
        trickled_++;
        g_signal_emit_by_name(webrtc_, "add-ice-candidate", 0u, candidate.candidate.c_str());
    }
    return true;
}

// --- life --------------------------------------------------------------------------------------

void Publisher::onState() {
    if (closed_)
        return;
    GstWebRTCPeerConnectionState state;
    g_object_get(webrtc_, "connection-state", &state, nullptr);
    GST_DEBUG("publisher %.8s: connection state %d", id_.c_str(), state);
    if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
        open();
    else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED ||
             state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED)
        fail("the connection ended");
}

void Publisher::open() {
    if (open_)
        return;
    if (!isPeer(webrtc_, offer_.fingerprint))
        return fail("its certificate is not the one that its offer names");
    open_ = true;
    connecting_ = {};
    heard_->store(Clock::now().time_since_epoch().count());
    wishes_.opened();
}

void Publisher::fail(const std::string& why) {
    if (closed_)
        return;
    GST_INFO("publisher %.8s: %s", id_.c_str(), why.c_str());
    const auto self = shared_from_this();
    const Wishes wishes = wishes_;
    close();
    if (!std::exchange(answered_, true)) {
        JoinResult result;
        result.status = 500;
        result.detail = "The session could not be set up: " + why + ".";
        wishes.answered(std::move(result));
    }
    wishes.gone(why);
}

void Publisher::close() {
    if (std::exchange(closed_, true))
        return;
    gathering_ = {};
    connecting_ = {};
    {
        const std::lock_guard lock(inlet_->mutex);
        inlet_->outlets.clear();
    }
    if (webrtc_)
        for (const gulong handler : handlers_)
            g_signal_handler_disconnect(webrtc_, handler);
    if (pipeline_) {
        const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
        gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
        gst_bus_set_flushing(bus.get(), TRUE);
        gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    }
    {
        const std::lock_guard lock(inlet_->mutex);
        inlet_->pads.clear();
    }
    pipeline_.reset();
    webrtc_ = nullptr;
    wishes_ = {};
}

bool Publisher::isSilent(std::chrono::seconds limit) const {
    const auto last = Clock::time_point(Clock::duration(heard_->load()));
    return open_ && limit.count() > 0 && Clock::now() - last > limit;
}

} // namespace web
