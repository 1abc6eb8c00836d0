#pragma once

#include "glue/object.hpp"
#include "net/eventloop.hpp"
#include "rtspserver/guests.hpp"
#include "support/gstrtspcamera.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

namespace camera {

class RtspMounts;

/// Those who are connected: what becomes of them when they leave, and what they have to bear from a
/// camera with ills (see illkinds.cpp). Everything in the server's loop.
class RtspViewers {
public:
    RtspViewers(net::EventLoop& loop, GstRTSPServer* server, const RtspSettings& settings,
                RtspMounts& mounts);
    RtspViewers(const RtspViewers&) = delete;
    RtspViewers& operator=(const RtspViewers&) = delete;

    /// In the loop, when the server listens.
    void watch();
    /// From any thread: ends a slow answer, and no other is slow.
    void hurry();
    /// In the loop, before the port is given up: everybody goes.
    void leave();

private:
    using Clock = std::chrono::steady_clock;

    struct Viewer {
        Clock::time_point lastRequest = Clock::now();
        Clock::time_point playing{}; ///< when it first asked for PLAY
    };
    static void onClient(GstRTSPServer*, GstRTSPClient* client, gpointer data);
    static void onSession(GstRTSPClient* client, GstRTSPSession* session, gpointer data);
    static void onClosed(GstRTSPClient* client, gpointer data);
    static GstRTSPStatusCode onRequest(GstRTSPClient* client, GstRTSPContext*, gpointer data);
    static GstRTSPStatusCode onSetup(GstRTSPClient* client, GstRTSPContext*, gpointer data);
    static GstRTSPStatusCode beforePlay(GstRTSPClient* client, GstRTSPContext* context,
                                        gpointer data);
    static void onPlay(GstRTSPClient* client, GstRTSPContext* context, gpointer data);
    static void onAnswer(GstRTSPClient* client, GstRTSPContext* context, GstRTSPMessage* answer,
                         gpointer data);

    void endThoseWhoseTimeIsUp();
    void dawdle();
    void describe(GstRTSPContext* context, GstRTSPMessage* answer) const;

    net::EventLoop& loop_;
    GstRTSPServer* server_;
    rtspserver::Guests guests_;
    const Ills* ills_;
    const std::vector<Recording> recordings_;
    RtspMounts& mounts_;
    std::map<GstRTSPClient*, Viewer> viewers_;
    net::Timer watch_;
    std::mutex mutex_;
    std::condition_variable hurried_;
    bool hurry_ = false;
};

} // namespace camera
