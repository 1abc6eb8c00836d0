#include "support/gstrtspviewers.hpp"

#include "rtspserver/hangup.hpp"
#include "support/gstreplay.hpp"
#include "support/gstrtspmount.hpp"
#include "support/sdptext.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <vector>

namespace camera {
namespace {

using glue::Object;
using namespace std::chrono_literals;

constexpr guint8 nobodysChannel = 250;
constexpr const char* otherHost = "127.0.0.99"; ///< nobody is there, and it is this machine

bool keepsAlive(const GstRTSPContext* context) {
    char* session = nullptr;
    return context && context->request &&
           gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_SESSION, &session, 0) ==
               GST_RTSP_OK &&
           (context->method == GST_RTSP_OPTIONS || context->method == GST_RTSP_GET_PARAMETER ||
            context->method == GST_RTSP_SET_PARAMETER);
}

/// An answer cannot be taken back here, but made into what no client cares about.
void silence(GstRTSPMessage* answer) {
    gst_rtsp_message_unset(answer);
    gst_rtsp_message_init_data(answer, nobodysChannel);
    gst_rtsp_message_take_body(answer, static_cast<guint8*>(g_malloc0(1)), 1);
}

/// Viewers on the camera's own machine take the port of a multicast group too, which GStreamer 1.22
/// keeps for itself.
void shareGroup(GstRTSPContext* context) {
    if (!context->stream)
        return;
    for (const auto family : {G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6})
        for (const auto of : {gst_rtsp_stream_get_rtp_multicast_socket,
                              gst_rtsp_stream_get_rtcp_multicast_socket}) {
            GSocket* socket = of(context->stream, family);
            if (!socket)
                continue;
            g_socket_set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1, nullptr);
            g_object_unref(socket);
        }
}

std::string bodyOf(GstRTSPMessage* message) {
    guint8* data = nullptr;
    guint size = 0;
    gst_rtsp_message_get_body(message, &data, &size);
    std::string text(reinterpret_cast<const char*>(data), size);
    return text.substr(0, text.find('\0'));
}

std::string headerOf(GstRTSPMessage* message, GstRTSPHeaderField field) {
    char* value = nullptr;
    gst_rtsp_message_get_header(message, field, &value, 0);
    return value ? value : "";
}

std::string wrongSdp(const std::string& sdp, std::string base, const std::string& how) {
    if (how == "no-rtpmap")
        return withoutRtpmaps(sdp);
    while (!base.empty() && base.back() == '/')
        base.pop_back();
    return withControlsBelow(sdp, how == "other-host" ? onHost(base, otherHost) : base);
}

} // namespace

RtspViewers::RtspViewers(net::EventLoop& loop, GstRTSPServer* server, const RtspSettings& settings,
                         RtspMounts& mounts)
    : loop_(loop), server_(server), guests_(loop, server), ills_(settings.ills),
      recordings_(settings.recordings), mounts_(mounts) {
    g_signal_connect(server_, "client-connected", G_CALLBACK(onClient), this);
}

void RtspViewers::watch() {
    guests_.watch();
    watch_ = loop_.every(200ms, [this] { endThoseWhoseTimeIsUp(); });
}

void RtspViewers::hurry() {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
    hurried_.notify_all();
}

void RtspViewers::leave() {
    watch_.cancel();
    g_signal_handlers_disconnect_by_data(server_, this);
    guests_.leave();
}

void RtspViewers::endThoseWhoseTimeIsUp() {
    const auto now = Clock::now();
    std::vector<Object<GstRTSPClient>> over;
    for (const auto& [client, viewer] : viewers_) {
        const bool played = viewer.playing != Clock::time_point{};
        if ((played && ills_->has("hangs-up") &&
             now - viewer.playing >= std::chrono::seconds(ills_->number("hangs-up", 1))) ||
            (played && ills_->has("session-timeout") &&
             now - viewer.lastRequest >= std::chrono::seconds(ills_->number("session-timeout"))))
            over.emplace_back(static_cast<GstRTSPClient*>(g_object_ref(client)));
    }
    for (const auto& client : over)
        rtspserver::hangUp(client.get());
}

void RtspViewers::onClient(GstRTSPServer*, GstRTSPClient* client, gpointer data) {
    static_cast<RtspViewers*>(data)->viewers_[client] = {};
    g_signal_connect(client, "play-request", G_CALLBACK(onPlay), data);
    g_signal_connect(client, "new-session", G_CALLBACK(onSession), data);
    g_signal_connect(client, "closed", G_CALLBACK(onClosed), data);
    g_signal_connect(client, "send-message", G_CALLBACK(onAnswer), data);
    for (const char* request : {"options", "describe", "pause", "get-parameter", "set-parameter"})
        g_signal_connect(client, ("pre-" + std::string(request) + "-request").c_str(),
                         G_CALLBACK(onRequest), data);
    g_signal_connect(client, "pre-setup-request", G_CALLBACK(onSetup), data);
    g_signal_connect(client, "pre-play-request", G_CALLBACK(beforePlay), data);
}

void RtspViewers::onSession(GstRTSPClient*, GstRTSPSession* session, gpointer data) {
    const auto* self = static_cast<RtspViewers*>(data);
    if (self->ills_->has("session-timeout"))
        gst_rtsp_session_set_timeout(
            session, static_cast<guint>(std::max(1L, self->ills_->number("session-timeout"))));
}

void RtspViewers::onClosed(GstRTSPClient* client, gpointer self) {
    static_cast<RtspViewers*>(self)->viewers_.erase(client);
}

GstRTSPStatusCode RtspViewers::onRequest(GstRTSPClient* client, GstRTSPContext*, gpointer data) {
    static_cast<RtspViewers*>(data)->viewers_[client].lastRequest = Clock::now();
    return GST_RTSP_STS_OK;
}

GstRTSPStatusCode RtspViewers::onSetup(GstRTSPClient* client, GstRTSPContext* context,
                                       gpointer data) {
    const Ills& ills = *static_cast<RtspViewers*>(data)->ills_;
    if (ills.has("refuses-setup"))
        return static_cast<GstRTSPStatusCode>(
            ills.number("refuses-setup", GST_RTSP_STS_UNSUPPORTED_TRANSPORT));
    return onRequest(client, context, data);
}

GstRTSPStatusCode RtspViewers::beforePlay(GstRTSPClient* client, GstRTSPContext* context,
                                          gpointer data) {
    preparePlay(context);
    return onRequest(client, context, data);
}

/// Whoever joins sees a picture at once instead of waiting for the next regular key frame.
void RtspViewers::onPlay(GstRTSPClient* client, GstRTSPContext* context, gpointer data) {
    auto* self = static_cast<RtspViewers*>(data);
    Viewer& viewer = self->viewers_[client];
    if (viewer.playing == Clock::time_point{})
        viewer.playing = Clock::now();
    if (!self->ills_->has("starts-without-key-frame"))
        self->mounts_.requestKeyFrameAt(context->uri ? context->uri->abspath : nullptr);
}

void RtspViewers::onAnswer(GstRTSPClient*, GstRTSPContext* context, GstRTSPMessage* answer,
                           gpointer data) {
    auto* self = static_cast<RtspViewers*>(data);
    if (gst_rtsp_message_get_type(answer) != GST_RTSP_MESSAGE_RESPONSE)
        return;
    if (self->ills_->has("rtsp-slow"))
        self->dawdle();
    if (self->ills_->has("no-keepalive-answer") && keepsAlive(context))
        silence(answer);
    else if (context && context->request && context->method == GST_RTSP_DESCRIBE)
        self->describe(context, answer);
    else if (context && context->request && context->method == GST_RTSP_PLAY)
        completePlay(context, answer);
    else if (context && context->request && context->method == GST_RTSP_SETUP)
        shareGroup(context);
}

/// All answers wait: this camera has one mind.
void RtspViewers::dawdle() {
    std::unique_lock lock(mutex_);
    hurried_.wait_for(lock, std::chrono::milliseconds(ills_->number("rtsp-slow")),
                      [this] { return hurry_; });
}

/// A recording says when it was made; a wrong SDP is made wrong.
void RtspViewers::describe(GstRTSPContext* context, GstRTSPMessage* answer) const {
    std::string sdp = bodyOf(answer);
    if (sdp.empty())
        return;
    const std::string path = context->uri && context->uri->abspath ? context->uri->abspath : "";
    for (const Recording& recording : recordings_)
        if (recording.path() == path)
            sdp = withRange(sdp, "clock=" + rtspClock(recording.from) + "-" +
                                     rtspClock(recording.until));
    if (ills_->has("wrong-sdp"))
        sdp = wrongSdp(sdp, headerOf(answer, GST_RTSP_HDR_CONTENT_BASE), ills_->value("wrong-sdp"));
    gst_rtsp_message_set_body(answer, reinterpret_cast<const guint8*>(sdp.data()),
                              static_cast<guint>(sdp.size()));
}

} // namespace camera
