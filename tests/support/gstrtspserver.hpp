#pragma once

#include "glue/object.hpp"
#include "net/eventloop.hpp"
#include "support/gstrtspcamera.hpp"
#include "support/gstrtspmount.hpp"
#include "support/gstrtspviewers.hpp"

#include <gst/rtsp-server/rtsp-server.h>

namespace camera {

/// A port on which RTSP is spoken, from construction to destruction, in a thread of its own.
class RtspServer {
public:
    /// Throws as RtspCamera does. The loudspeaker has to outlive it.
    RtspServer(const RtspSettings& settings, const std::vector<RtspStream>& streams,
               Loudspeaker& loudspeaker);
    ~RtspServer();
    RtspServer(const RtspServer&) = delete;
    RtspServer& operator=(const RtspServer&) = delete;

    unsigned port() const;
    void requestKeyFrame(const std::string& token);

private:
    void configure(const RtspSettings& settings);
    void listen(const RtspSettings& settings);
    void close();

    net::EventLoop loop_;
    glue::Object<GstRTSPServer> server_;
    RtspMounts mounts_;
    RtspViewers viewers_;
    GSource* listening_ = nullptr;
};

} // namespace camera
