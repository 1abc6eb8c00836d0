#include "rtspserver/guests.hpp"

#include "rtspserver/hangup.hpp"

namespace rtspserver {
namespace {

using glue::Object;
using namespace std::chrono_literals;

constexpr guint closedClientLife = 1000; ///< milliseconds

} // namespace

Guests::Guests(net::EventLoop& loop, GstRTSPServer* server) : loop_(loop), server_(server) {
    g_signal_connect(server_, "client-connected", G_CALLBACK(onClient), this);
}

Guests::~Guests() { closed_.clear(); }

void Guests::watch() {
    // Who vanished without a word holds a session until it is looked for.
    sweep_ = loop_.every(2s, [this] { sweepSessions(); });
}

void Guests::leave() {
    sweep_.cancel();
    g_signal_handlers_disconnect_by_data(server_, this);
    const Object<GstRTSPSessionPool> sessions(gst_rtsp_server_get_session_pool(server_));
    gst_rtsp_session_pool_filter(
        sessions.get(),
        [](GstRTSPSessionPool*, GstRTSPSession*, gpointer) { return GST_RTSP_FILTER_REMOVE; },
        nullptr);
    hangUpOnAll(server_);
}

void Guests::sweepSessions() {
    const Object<GstRTSPSessionPool> pool(gst_rtsp_server_get_session_pool(server_));
    gst_rtsp_session_pool_cleanup(pool.get());
}

void Guests::onClient(GstRTSPServer*, GstRTSPClient* client, gpointer self) {
    g_signal_connect(client, "new-session", G_CALLBACK(onSession), self);
    g_signal_connect(client, "closed", G_CALLBACK(onClosed), self);
}

/// Sessions end with the connection that they came by; left alone, each counts against the most
/// there may be until its timeout.
void Guests::onSession(GstRTSPClient* client, GstRTSPSession* session, gpointer) {
    g_signal_connect_object(client, "closed", G_CALLBACK(endSession), session,
                            static_cast<GConnectFlags>(0));
}

void Guests::endSession(GstRTSPClient* client, GstRTSPSession* session) {
    const Object<GstRTSPSessionPool> pool(gst_rtsp_client_get_session_pool(client));
    GList* media = gst_rtsp_session_filter(session, nullptr, nullptr);
    if (!media)
        gst_rtsp_session_pool_remove(pool.get(), session);
    g_list_free_full(media, g_object_unref);
}

/// A streaming thread that finds a client gone has it closed by an idle source, and GStreamer 1.22
/// does not hold the client until that runs (do_send_data in rtsp-client.c): it is held here. The
/// low priority lets such a source go first.
void Guests::onClosed(GstRTSPClient* client, gpointer data) {
    auto* self = static_cast<Guests*>(data);
    auto& closed = self->closed_.emplace_back(std::make_unique<ClosedClient>());
    closed->owner = self;
    closed->client.reset(static_cast<GstRTSPClient*>(g_object_ref(client)));
    closed->release = g_timeout_source_new(closedClientLife);
    g_source_set_priority(closed->release, G_PRIORITY_LOW);
    g_source_set_callback(closed->release, letGo, closed.get(), nullptr);
    g_source_attach(closed->release, g_main_context_get_thread_default());
}

gboolean Guests::letGo(gpointer data) {
    auto* closed = static_cast<ClosedClient*>(data);
    closed->owner->closed_.remove_if([closed](const auto& c) { return c.get() == closed; });
    return G_SOURCE_REMOVE;
}

} // namespace rtspserver
