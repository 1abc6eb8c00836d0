#pragma once

#include "support/ills.hpp"
#include "support/settings.hpp"

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace camera {

/// One stream that the RTSP server offers: a launch description whose payloaders are pay0 (video)
/// and pay1 (audio), and what to do with the elements that were made from it before they start.
struct RtspStream {
    StreamProfile profile;
    std::string launch;
    std::function<void(GstElement* bin)> prepare;
};

struct RtspSettings {
    std::string address = "127.0.0.1";
    unsigned port = 0;
    std::string user; ///< empty: everybody may watch
    std::string password;
    const Ills* ills = nullptr; ///< outlive the camera; null: it is well
};

/// The RTSP half of the camera: live, one encode for all clients of a stream, UDP and interleaved
/// TCP, digest authentication. A stream runs while somebody watches it.
class RtspCamera {
public:
    /// Listens. Throws base::Error: Busy when the port is taken, Settings for an impossible
    /// address.
    RtspCamera(const RtspSettings& settings, std::vector<RtspStream> streams);
    /// Ends all sessions; no thread of theirs is left.
    ~RtspCamera();
    RtspCamera(const RtspCamera&) = delete;
    RtspCamera& operator=(const RtspCamera&) = delete;

    unsigned port() const;
    /// Asks the encoder of a stream for a key frame, where there is one and somebody watches.
    void requestKeyFrame(const std::string& token);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace camera
