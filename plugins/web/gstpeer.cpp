#include "web/gstpeer.hpp"

#include "base/error.hpp"
#include "glue/ownthreads.hpp"

#include <gst/sdp/sdp.h>

#include <utility>

namespace web {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

/// How long to wait for the last candidate: with a STUN server that is down, libnice takes seconds.
constexpr auto gatheringTime = 400ms;
/// The same where there are none but those of a TURN server, which may be far.
constexpr auto relayingTime = 5s;
/// Candidates that one session may add: each has us send checks to an address of a stranger's
/// choice.
constexpr unsigned maxTrickled = 64;

using Call = std::function<void()>;
using Reply = std::function<void(std::shared_ptr<const GstStructure>)>;

void onNotify(GObject*, GParamSpec*, gpointer call) { (*static_cast<Call*>(call))(); }

GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer failed) {
    glue::giveOwnThread(message);
    // Whatever is left on a bus that nobody reads holds the elements it came from.
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        (*static_cast<Call*>(failed))();
    gst_message_unref(message);
    return GST_BUS_DROP;
}

void onReply(GstPromise* promise, gpointer reply) {
    const Ref<GstPromise> ours(promise); // the reference that promise() gave away; `reply` goes too
    if (gst_promise_wait(promise) != GST_PROMISE_RESULT_REPLIED)
        return;
    const GstStructure* said = gst_promise_get_reply(promise);
    (*static_cast<Reply*>(reply))(
        {said ? gst_structure_copy(said) : gst_structure_new_empty("none"),
         [](const GstStructure* s) { gst_structure_free(const_cast<GstStructure*>(s)); }});
}

} // namespace

Peer::Peer(std::shared_ptr<net::EventLoop> loop, Terms terms, GstDebugCategory* log,
           const char* kind)
    : loop_(std::move(loop)), terms_(std::move(terms)), log_(log), kind_(kind) {}

void Peer::begin(GstElement* model, Wishes wishes) {
    wishes_ = std::move(wishes);
    if (!build(model))
        return fail("webrtcbin cannot be made: install gstreamer1.0-plugins-bad and "
                    "gstreamer1.0-nice.");
    connecting_ =
        loop_->after(terms_.settings.connectTimeout, [this] { fail("it never connected"); });
    GstSDPMessage* sdp = nullptr;
    if (gst_sdp_message_new_from_text(offerToUse().c_str(), &sdp) != GST_SDP_OK)
        return fail("the offer cannot be read");
    GstWebRTCSessionDescription* description =
        gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, sdp);
    g_signal_emit_by_name(webrtc_, "set-remote-description", description,
                          promise(&Peer::onRemoteSet));
    gst_webrtc_session_description_free(description);
}

bool Peer::build(GstElement* model) {
    pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
    webrtc_ = gst_element_factory_make("webrtcbin", nullptr);
    if (!webrtc_)
        return false;
    g_object_set(webrtc_, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtc_);
    configureIce(webrtc_, terms_.settings);
    connectSignals();
    if (!prepare())
        return false;
    // The same clock and base time: a frame's running time here is its running time there.
    if (const Ref<GstClock> clock{gst_element_get_clock(model)}) {
        gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
        gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
        gst_element_set_base_time(pipeline_.get(), gst_element_get_base_time(model));
    }
    if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        return false;
    started();
    return true;
}

void Peer::connectSignals() {
    const auto watch = [this](const char* signal, Call call) {
        keep(g_signal_connect_data(
            webrtc_, signal, G_CALLBACK(onNotify), new Call(std::move(call)),
            [](gpointer data, GClosure*) { delete static_cast<Call*>(data); }, GConnectFlags(0)));
    };
    watch("notify::connection-state", later([this] { onState(); }));
    watch("notify::ice-gathering-state", later([this] { sendAnswer(); }));
    keep(watchReceived(webrtc_, heard_));
    const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    gst_bus_set_sync_handler(bus.get(), onMessage,
                             new Call(later([this] { fail("its pipeline failed"); })),
                             [](gpointer data) { delete static_cast<Call*>(data); });
}

// --- negotiation -------------------------------------------------------------------------------

GstPromise* Peer::promise(Step step) {
    auto take = later([this, step](const std::shared_ptr<const GstStructure>& reply) {
        (this->*step)(reply.get());
    });
    return gst_promise_new_with_change_func(onReply, new Reply(std::move(take)), [](gpointer data) {
        delete static_cast<Reply*>(data);
    });
}

void Peer::onRemoteSet(const GstStructure* reply) {
    if (gst_structure_has_field(reply, "error"))
        return fail("the offer was not accepted");
    g_signal_emit_by_name(webrtc_, "create-answer", nullptr, promise(&Peer::onAnswer));
}

void Peer::onAnswer(const GstStructure* reply) {
    GstWebRTCSessionDescription* answer = nullptr;
    gst_structure_get(reply, "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, nullptr);
    if (!answer)
        return fail("no answer could be made");
    g_signal_emit_by_name(webrtc_, "set-local-description", answer, promise(&Peer::onLocalSet));
    gst_webrtc_session_description_free(answer);
}

void Peer::onLocalSet(const GstStructure* reply) {
    if (gst_structure_has_field(reply, "error"))
        return fail("the answer could not be used");
    localSet_ = true;
    const bool relayed = terms_.settings.icePolicy == IcePolicy::Relay;
    gathering_ = loop_->after(relayed ? relayingTime : gatheringTime, [this] {
        gathering_ = {};
        sendAnswer();
    });
    sendAnswer();
}

void Peer::sendAnswer() {
    if (answered_ || !localSet_)
        return;
    GstWebRTCICEGatheringState gathering;
    g_object_get(webrtc_, "ice-gathering-state", &gathering, nullptr);
    if (gathering != GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE && gathering_)
        return;
    gathering_ = {};
    const std::string made = localDescription(webrtc_);
    if (made.empty())
        return fail("there is no answer");
    try {
        JoinResult result;
        result.id = terms_.id;
        result.answer = answerToSend(made);
        answered_ = true;
        wishes_.answered(std::move(result));
    } catch (const base::Error& error) {
        fail(error.what());
    }
}

bool Peer::trickle(const Trickle& fragment) {
    if (!isOf(fragment, terms_.offer))
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

void Peer::onState() {
    GstWebRTCPeerConnectionState state;
    g_object_get(webrtc_, "connection-state", &state, nullptr);
    GST_CAT_DEBUG(log_, "%s %.8s: connection state %d", kind_, terms_.id.c_str(), state);
    if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
        open();
    else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED ||
             state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED)
        fail("the connection ended");
}

void Peer::open() {
    if (open_)
        return;
    if (!isPeer(webrtc_, terms_.offer.fingerprint))
        return fail("its certificate is not the one that its offer names");
    open_ = true;
    connecting_ = {};
    heard_->store(Clock::now().time_since_epoch().count());
    opened();
}

void Peer::fail(const std::string& why) {
    if (closed_)
        return;
    GST_CAT_INFO(log_, "%s %.8s: %s", kind_, terms_.id.c_str(), why.c_str());
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

void Peer::close() {
    if (std::exchange(closed_, true))
        return;
    gathering_ = {};
    connecting_ = {};
    closing();
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

bool Peer::isSilent(std::chrono::seconds limit) const {
    const auto last = Clock::time_point(Clock::duration(heard_->load()));
    return open_ && limit.count() > 0 && Clock::now() - last > limit;
}

std::chrono::milliseconds Peer::age() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - born_);
}

} // namespace web
