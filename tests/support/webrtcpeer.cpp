#include "support/webrtcpeer.hpp"

#include "glue/ownthreads.hpp"
#include "glue/ref.hpp"

#include <gst/sdp/sdp.h>

#include <stdexcept>

namespace support {
namespace {

using glue::Ref;
using namespace std::chrono_literals;

GstBusSyncReply dropMessage(GstBus*, GstMessage* message, gpointer) {
    glue::giveOwnThread(message);
    gst_message_unref(message);
    return GST_BUS_DROP;
}

/// Runs a signal that ends with a promise, and waits for what is replied.
Ref<GstPromise> ask(GstElement* webrtc, const std::string& signal, gpointer argument) {
    Ref<GstPromise> promise(gst_promise_new());
    g_signal_emit_by_name(webrtc, signal.c_str(), argument, promise.get());
    gst_promise_wait(promise.get());
    return promise;
}

} // namespace

void keepQuiet(GstElement* pipeline, GstElement* webrtc) {
    GObject *ice = nullptr, *agent = nullptr;
    g_object_get(webrtc, "ice-agent", &ice, nullptr);
    g_object_get(ice, "agent", &agent, nullptr);
    g_object_set(agent, "upnp", FALSE, nullptr);
    g_object_unref(agent);
    g_object_unref(ice);
    const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline)));
    gst_bus_set_sync_handler(bus.get(), dropMessage, nullptr, nullptr);
}

std::string describe(GstElement* webrtc, const std::string& kind) {
    const Ref<GstPromise> reply = ask(webrtc, "create-" + kind, nullptr);
    GstWebRTCSessionDescription* made = nullptr;
    gst_structure_get(gst_promise_get_reply(reply.get()), kind.c_str(),
                      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &made, nullptr);
    if (!made)
        throw std::runtime_error("no " + kind);
    const Description owned(made);
    ask(webrtc, "set-local-description", made);
    waitFor(3s, [webrtc] {
        GstWebRTCICEGatheringState state = GST_WEBRTC_ICE_GATHERING_STATE_NEW;
        g_object_get(webrtc, "ice-gathering-state", &state, nullptr);
        return state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE;
    });
    GstWebRTCSessionDescription* gathered = nullptr;
    g_object_get(webrtc, "local-description", &gathered, nullptr);
    const Description local(gathered);
    const Ref<char> text(gst_sdp_message_as_text(local->sdp));
    return text.get();
}

bool take(GstElement* webrtc, GstWebRTCSDPType type, const std::string& text) {
    GstSDPMessage* sdp = nullptr;
    if (gst_sdp_message_new_from_text(text.c_str(), &sdp) != GST_SDP_OK)
        return false;
    const Description theirs(gst_webrtc_session_description_new(type, sdp));
    const Ref<GstPromise> promise = ask(webrtc, "set-remote-description", theirs.get());
    const GstStructure* reply = gst_promise_get_reply(promise.get());
    return !reply || !gst_structure_has_field(reply, "error");
}

} // namespace support
