#pragma once

#include "support/certificate.hpp"
#include "support/gstbackchannel.hpp"
#include "support/ills.hpp"
#include "support/recordings.hpp"
#include "support/rtspdigest.hpp"
#include "support/settings.hpp"

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace camera {

/// One stream that the RTSP server offers.
struct RtspStream {
    /// What a stream is made into while the camera suffers from caps-change.
    enum class Variant { Usual, OtherSize, OtherCodec };

    StreamProfile profile;
    /// A launch description whose payloaders are pay0 (video), pay1 (audio) and pay2 (metadata).
    std::function<std::string(Variant)> launch;
    /// What to do with the elements that were made from it before they start.
    std::function<void(GstElement* bin)> prepare;
};

struct RtspSettings {
    std::string address = "127.0.0.1"; ///< IPv4 or IPv6, without brackets
    unsigned port = 0;
    std::string user; ///< empty: everybody may watch
    std::string password;
    RtspDigest::Algorithms algorithms = RtspDigest::Algorithms::Md5;
    std::optional<Certificate> certificate; ///< with it, RTSPS and nothing else
    bool multicast = false;                 ///< offered to those who ask for it
    Backchannel backchannel = Backchannel::None;
    const Ills* ills = nullptr;        ///< outlive the camera; null: it is well
    std::vector<Recording> recordings; ///< served below /replay
    int replayWidth = 640, replayHeight = 360, replayFps = 10;
};

/// The RTSP half of the camera: live, one encode for all clients of a stream; UDP, interleaved TCP,
/// HTTP tunnel and multicast; digest authentication; TLS; recordings. A stream runs while somebody
/// watches it. From any thread.
class RtspCamera {
public:
    /// Listens. Throws base::Error: Busy when the port is taken, Settings for an impossible
    /// address.
    RtspCamera(const RtspSettings& settings, std::vector<RtspStream> streams);
    /// Ends all sessions; no thread of theirs is left.
    ~RtspCamera();
    RtspCamera(const RtspCamera&) = delete;
    RtspCamera& operator=(const RtspCamera&) = delete;

    /// Where it listens, or listened before stop().
    unsigned port() const;
    /// Asks the encoder of a stream for a key frame, where there is one and somebody watches.
    void requestKeyFrame(const std::string& token);
    Heard heard() const;

    /// Ends every session and leaves the port, as a camera that loses its power.
    void stop();
    /// Listens again, on the same port. Throws as the constructor does. No harm when it runs.
    void start();
    /// Ends every session and listens on another port that is free.
    void move();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace camera
