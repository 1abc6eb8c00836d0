#include "rtspserver/hangup.hpp"

#include "glue/object.hpp"

namespace rtspserver {

using glue::Object;

static GstRTSPFilterResult endSession(GstRTSPClient* client, GstRTSPSession* session, gpointer) {
    const Object<GstRTSPSessionPool> sessions(gst_rtsp_client_get_session_pool(client));
    gst_rtsp_session_pool_remove(sessions.get(), session);
    return GST_RTSP_FILTER_REMOVE;
}

void hangUp(GstRTSPClient* client) {
    gst_rtsp_client_session_filter(client, endSession, nullptr);
    // gst_rtsp_client_close() of GStreamer 1.22 lets go of the connection first and of the
    // functions that write to it then, where a streaming thread may be about to call one.
    gst_rtsp_client_set_send_func(client, nullptr, nullptr, nullptr);
    gst_rtsp_client_set_send_messages_func(client, nullptr, nullptr, nullptr);
    gst_rtsp_client_close(client);
}

void hangUpOnAll(GstRTSPServer* server) {
    GList* clients = gst_rtsp_server_client_filter(server, nullptr, nullptr);
    for (GList* each = clients; each; each = each->next)
        hangUp(static_cast<GstRTSPClient*>(each->data));
    g_list_free_full(clients, g_object_unref);
}

} // namespace rtspserver
