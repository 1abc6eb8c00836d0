#include "web/gstviewer.hpp"

#include "base/error.hpp"
#include "glue/ownthreads.hpp"
#include "web/advertised.hpp"

#include <gst/sdp/sdp.h>
#include <gst/video/video.h>

#include <cinttypes>

GST_DEBUG_CATEGORY_EXTERN(whepsink_debug);
#define GST_CAT_DEFAULT whepsink_debug

namespace web {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

/// How long to wait for the last candidate: with a STUN server that is down, libnice takes seconds.
constexpr auto gatheringTime = 400ms;
/// How long an encoder that was asked for a key frame has, before the cached one is played.
constexpr auto keyFrameTime = 300ms;

/// Candidates that one session may add: each has us send checks to an address of a stranger's
/// choice.
constexpr unsigned maxTrickled = 64;

/// A weak hold on a viewer for callbacks out of GStreamer's threads. Anything stronger makes a
/// cycle that costs a thread and ten descriptors per viewer, for ever.
using Weak = std::weak_ptr<Viewer>;

template <class T>
void destroy(gpointer data, GClosure*) {
    delete static_cast<T*>(data);
}

template <class T>
void destroyPlain(gpointer data) {
    delete static_cast<T*>(data);
}

struct PosterBase {
    std::shared_ptr<net::EventLoop> loop;
    Weak viewer;
    std::function<void(Viewer&)> work;

    void post() const {
        loop->post([viewer = viewer, work = work] {
            if (const auto alive = viewer.lock())
                work(*alive);
        });
    }
};

void onNotify(GObject*, GParamSpec*, gpointer data) { static_cast<PosterBase*>(data)->post(); }

GstPadProbeReturn onUpstream(GstPad*, GstPadProbeInfo* info, gpointer data) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (!gst_video_event_is_force_key_unit(event))
        return GST_PAD_PROBE_OK;
    static_cast<PosterBase*>(data)->post();
    return GST_PAD_PROBE_DROP;
}

GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer data) {
    glue::giveOwnThread(message);
    // Whatever is left on a bus that nobody reads holds the elements it came from.
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        static_cast<PosterBase*>(data)->post();
    gst_message_unref(message);
    return GST_BUS_DROP;
}

struct Waiting {
    std::shared_ptr<net::EventLoop> loop;
    Weak viewer;
    void (Viewer::*step)(const GstStructure*);
};

} // namespace

Viewer::Viewer(std::shared_ptr<net::EventLoop> loop, const WhepSettings& settings, std::string id,
               Offer offer, std::vector<Served> served, std::vector<Sizes::Tracks> tracks)
    : loop_(std::move(loop)), settings_(settings), id_(std::move(id)), offer_(std::move(offer)),
      served_(std::move(served)), tracks_(std::move(tracks)),
      playoutDelay_(std::chrono::milliseconds(settings.playoutDelay),
                    std::chrono::milliseconds(settings.maxPlayoutDelay)) {}

Viewer::~Viewer() { close(); }

void Viewer::begin(GstElement* model, guint64 number, Wishes wishes) {
    number_ = number;
    wishes_ = std::move(wishes);
    if (!build(model))
        return fail("webrtcbin cannot be made: install gstreamer1.0-plugins-bad and "
                    "gstreamer1.0-nice.");
    connecting_ = loop_->after(settings_.connectTimeout, [this] { fail("it never connected"); });

    GstSDPMessage* sdp = nullptr;
    if (gst_sdp_message_new_from_text(offerToAnswer(offer_, served_).c_str(), &sdp) != GST_SDP_OK)
        return fail("the offer cannot be read");
    GstWebRTCSessionDescription* description =
        gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, sdp);
    g_signal_emit_by_name(webrtc_, "set-remote-description", description,
                          promise(&Viewer::onRemoteSet));
    gst_webrtc_session_description_free(description);
}

bool Viewer::build(GstElement* model) {
    pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
    webrtc_ = gst_element_factory_make("webrtcbin", nullptr);
    if (!webrtc_)
        return false;
    g_object_set(webrtc_, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtc_);
    configureIce(webrtc_, settings_);
    connectSignals();
    for (std::size_t i = 0; i < served_.size(); i++)
        if (!addSource(i))
            return false;
    if (const Ref<GstClock> clock{gst_element_get_clock(model)}) {
        gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
        gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
        gst_element_set_base_time(pipeline_.get(), gst_element_get_base_time(model));
    }
    if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        return false;
    for (const auto& sizes : sizes_)
        sizes->announce();
    return true;
}

void Viewer::connectSignals() {
    const auto poster = [this](void (*work)(Viewer&)) {
        return new PosterBase{loop_, weak_from_this(), work};
    };
    const auto watch = [&](const char* signal, void (*work)(Viewer&)) {
        handlers_.push_back(g_signal_connect_data(webrtc_, signal, G_CALLBACK(onNotify),
                                                  poster(work), destroy<PosterBase>,
                                                  GConnectFlags(0)));
    };
    watch("notify::connection-state", [](Viewer& v) { v.onState(); });
    watch("notify::ice-gathering-state", [](Viewer& v) { v.sendAnswer(); });
    handlers_.push_back(watchReceived(webrtc_, heard_));
    handlers_.push_back(
        watchDataChannels(webrtc_, [loop = loop_, weak = weak_from_this()](auto channel) {
            loop->post([weak, channel = std::move(channel)] {
                if (const auto alive = weak.lock())
                    alive->takeChannel(channel);
            });
        }));
    const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    gst_bus_set_sync_handler(bus.get(), onMessage,
                             poster([](Viewer& v) { v.fail("its pipeline failed"); }),
                             destroyPlain<PosterBase>);
}

bool Viewer::addSource(std::size_t index) {
    const Served& served = served_[index];
    const auto codec = tracks_[index].front()->codec();
    auto feed =
        codec ? makeFeed(pipeline_.get(), *wishes_.courier, served, *codec, settings_.playoutDelay)
              : nullptr;
    if (!feed)
        return false;
    feed->starved = [loop = loop_, weak = weak_from_this()](const Track& track) {
        loop->post([weak, key = &track] { // the track may be gone by then
            if (const auto viewer = weak.lock())
                viewer->askForKeyFrame(key);
        });
    };
    const std::string name = "sink_" + std::to_string(index);
    GstPadTemplate* pads =
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(webrtc_), "sink_%u");
    const Ref<GstPad> pad(gst_element_request_pad(webrtc_, pads, name.c_str(), feed->caps.get()));
    if (!pad)
        return false;
    configureTransceiver(pad.get(), served, *codec, feed->rewrite.ssrc);
    GstPad* out = feed->source.get();
    gst_pad_add_probe(out, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, onUpstream,
                      new PosterBase{loop_, weak_from_this(),
                                     [index](Viewer& v) {
                                         if (v.open_ && !v.closed_)
                                             v.sizes_[index]->askForKeyFrame();
                                     }},
                      destroyPlain<PosterBase>);
    sizes_.push_back(std::make_unique<Sizes>(tracks_[index], feed, [this](Track& track) {
        if (wishes_.needsKeyFrame)
            wishes_.needsKeyFrame(track);
    }));
    return gst_pad_link(out, pad.get()) == GST_PAD_LINK_OK;
}

void Viewer::askForKeyFrame(const Track* track) {
    if (closed_)
        return;
    for (const auto& sizes : sizes_)
        if (sizes->has(*track))
            sizes->askForKeyFrame();
}

// --- negotiation -------------------------------------------------------------------------------

GstPromise* Viewer::promise(Step step) {
    const auto changed = [](GstPromise* promise, gpointer data) {
        const Ref<GstPromise> ours(
            promise); // the reference that promise() gave away; `data` goes too
        if (gst_promise_wait(promise) != GST_PROMISE_RESULT_REPLIED)
            return;
        const auto* waiting = static_cast<Waiting*>(data);
        const GstStructure* reply = gst_promise_get_reply(promise);
        const std::shared_ptr<GstStructure> copy(reply ? gst_structure_copy(reply)
                                                       : gst_structure_new_empty("none"),
                                                 gst_structure_free);
        waiting->loop->post([viewer = waiting->viewer, step = waiting->step, copy] {
            const auto alive = viewer.lock();
            if (alive && !alive->closed_)
                (alive.get()->*step)(copy.get());
        });
    };
    return gst_promise_new_with_change_func(changed, new Waiting{loop_, weak_from_this(), step},
                                            destroyPlain<Waiting>);
}

void Viewer::onRemoteSet(const GstStructure* reply) {
    if (gst_structure_has_field(reply, "error"))
        return fail("the offer was not accepted");
    g_signal_emit_by_name(webrtc_, "create-answer", nullptr, promise(&Viewer::onAnswer));
}

void Viewer::onAnswer(const GstStructure* reply) {
    GstWebRTCSessionDescription* answer = nullptr;
    gst_structure_get(reply, "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, nullptr);
    if (!answer)
        return fail("no answer could be made");
    g_signal_emit_by_name(webrtc_, "set-local-description", answer, promise(&Viewer::onLocalSet));
    gst_webrtc_session_description_free(answer);
}

void Viewer::onLocalSet(const GstStructure* reply) {
    if (gst_structure_has_field(reply, "error"))
        return fail("the answer could not be used");
    localSet_ = true;
    gathering_ = loop_->after(gatheringTime, [this] {
        gathering_ = {};
        sendAnswer();
    });
    sendAnswer();
}

void Viewer::sendAnswer() {
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
    try {
        if (!sendsEverything(text.get(), served_.size()))
            return fail("webrtcbin refused the codec");
        JoinResult result;
        result.id = id_;
        result.answer =
            finishAnswer(offer_, served_, text.get(), readAddresses(settings_.advertiseAddress));
        answered_ = true;
        wishes_.answered(std::move(result));
    } catch (const base::Error& error) {
        fail(error.what());
    }
}

bool Viewer::trickle(const Trickle& fragment) {
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

void Viewer::onState() {
    if (closed_)
        return;
    GstWebRTCPeerConnectionState state;
    g_object_get(webrtc_, "connection-state", &state, nullptr);
    GST_DEBUG("viewer %.8s: connection state %d", id_.c_str(), state);
    if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
        open();
    else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED ||
             state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED)
        fail("the connection ended");
}

void Viewer::open() {
    if (open_)
        return;
    if (!isPeer(webrtc_, offer_.fingerprint))
        return fail("its certificate is not the one that its offer names");
    open_ = true;
    connecting_ = {};
    heard_->store(Clock::now().time_since_epoch().count());
    // The transport was added after the pipeline had begun to play; without a latency rtpsession
    // cannot say when a packet was sent, and sound and picture drift apart.
    gst_bin_recalculate_latency(GST_BIN(pipeline_.get()));
    watchReports();
    for (const auto& sizes : sizes_)
        sizes->open();
    replaying_ = loop_->after(keyFrameTime, [this] {
        for (const auto& sizes : sizes_)
            sizes->replayIfWaiting();
    });
}

void Viewer::takeChannel(std::shared_ptr<GstWebRTCDataChannel> channel) {
    if (closed_)
        return;
    // Each channel costs a queue and, in 1.22, elements that stay until the session ends.
    if (channel_ || DataChannel::labelOf(channel.get()) != "detections")
        return fail("it opened another data channel than the one for detections");
    const auto changed = [loop = loop_, weak = weak_from_this()] {
        loop->post([weak] {
            const auto alive = weak.lock();
            if (alive && alive->channel_)
                alive->channel_->resume();
        });
    };
    channel_ = std::make_unique<DataChannel>(std::move(channel), changed);
    const Sizes* picture = this->picture();
    if (const auto newest = picture ? wishes_.newest(*picture->shown()) : nullptr)
        channel_->send(newest);
}

/// What this viewer sees.
Sizes* Viewer::picture() const {
    for (std::size_t i = 0; i < sizes_.size(); i++)
        if (offer_.medias[served_[i].media].kind == Kind::Video)
            return sizes_[i].get();
    return nullptr;
}

Sizes* Viewer::sizes() {
    Sizes* picture = this->picture();
    return picture && picture->isChoice() ? picture : nullptr;
}

void Viewer::tell(const Track& track, const DataChannel::Text& text) {
    const Sizes* picture = open_ && channel_ ? this->picture() : nullptr;
    if (!picture || picture->isShifted() || !picture->has(track))
        return;
    // A size in which nothing is ever looked for has the timestamps of the others.
    const Track* shown = picture->shown();
    if (shown == &track || !wishes_.newest(*shown))
        channel_->send(text);
}

void Viewer::fail(const std::string& why) {
    if (closed_)
        return;
    GST_INFO("viewer %.8s: %s", id_.c_str(), why.c_str());
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

void Viewer::close() {
    if (std::exchange(closed_, true))
        return;
    gathering_ = {};
    connecting_ = {};
    replaying_ = {};
    channel_.reset();
    sizes_.clear();
    if (session_)
        g_signal_handler_disconnect(session_.get(), reports_);
    session_.reset();
    if (webrtc_)
        for (const gulong handler : handlers_)
            g_signal_handler_disconnect(webrtc_, handler);
    if (pipeline_) {
        const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
        gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
        gst_bus_set_flushing(bus.get(), TRUE);
        gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    }
    pipeline_.reset();
    webrtc_ = nullptr;
    wishes_ = {};
}

bool Viewer::isSilent(std::chrono::seconds limit) const {
    const auto last = Clock::time_point(Clock::duration(heard_->load()));
    return open_ && limit.count() > 0 && Clock::now() - last > limit;
}

} // namespace web
