#pragma once

#include "support/gstrtspcamera.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <chrono>
#include <map>
#include <mutex>

namespace camera {

/// One stream where it can be asked for, and its media while somebody watches.
struct RtspMount {
    RtspStream stream;
    const Ills* ills = nullptr;
    Loudspeaker* loudspeaker = nullptr;
    GWeakRef media{};
    std::chrono::steady_clock::time_point lastKeyFrame{};

    RtspMount() { g_weak_ref_init(&media, nullptr); }
    ~RtspMount() { g_weak_ref_clear(&media); }
    RtspMount(const RtspMount&) = delete;
    RtspMount& operator=(const RtspMount&) = delete;
};

/// What the server has to offer: each stream at /TOKEN, each recording at /replay/TOKEN.
class RtspMounts {
public:
    RtspMounts(GstRTSPServer* server, const RtspSettings& settings,
               const std::vector<RtspStream>& streams, Loudspeaker& loudspeaker);

    /// Several who ask within 300 ms share one.
    void requestKeyFrame(const std::string& token);
    /// The same for whatever stream is at a path.
    void requestKeyFrameAt(const char* path);

private:
    void add(GstRTSPServer* server, const RtspSettings& settings, const RtspStream& stream,
             Loudspeaker& loudspeaker);

    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<RtspMount>> mounts_; ///< by token
};

} // namespace camera
