#pragma once

#include "glue/object.hpp"
#include "net/eventloop.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <list>
#include <memory>

namespace rtspserver {

/// Sees to it that whoever leaves an RTSP server is gone: with GStreamer's own ways a session lives
/// on for its timeout of a minute, and a client that vanishes while it is sent to may be freed
/// under the server's hands. Everything happens in the server's loop, whose context holds all its
/// clients.
class Guests {
public:
    /// Before the server listens. Both have to outlive it.
    Guests(net::EventLoop& loop, GstRTSPServer* server);
    /// After the loop has stopped.
    ~Guests();
    Guests(const Guests&) = delete;
    Guests& operator=(const Guests&) = delete;

    /// In the loop, when the server listens.
    void watch();
    /// In the loop, before the port is given up: ends every session and every connection.
    void leave();

private:
    /// A client that is kept although its connection has ended. It holds the loop's context, so
    /// nothing in that context may hold it.
    struct ClosedClient {
        ~ClosedClient() {
            g_source_destroy(release);
            g_source_unref(release);
        }
        Guests* owner = nullptr;
        glue::Object<GstRTSPClient> client;
        GSource* release = nullptr;
    };

    static void onClient(GstRTSPServer*, GstRTSPClient* client, gpointer self);
    static void onSession(GstRTSPClient* client, GstRTSPSession* session, gpointer self);
    static void endSession(GstRTSPClient* client, GstRTSPSession* session);
    static void onClosed(GstRTSPClient* client, gpointer self);
    static gboolean letGo(gpointer closed);

    void sweepSessions();

    net::EventLoop& loop_;
    GstRTSPServer* server_;
    net::Timer sweep_;
    std::list<std::unique_ptr<ClosedClient>> closed_;
};

} // namespace rtspserver
