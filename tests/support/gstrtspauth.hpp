#pragma once

#include "support/certificate.hpp"
#include "support/rtspdigest.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <functional>
#include <optional>

namespace camera {

/// Who may watch: everybody who is let in gets this role on the factories.
constexpr const char* viewerRole = "viewer";

struct RtspDoor {
    std::optional<RtspDigest> digest; ///< none: everybody comes in
    std::function<RtspDigest::Algorithms()> algorithms;
    std::optional<Certificate> certificate; ///< TLS alone where there is one
};

/// The doorkeeper of the RTSP server: digest with MD5 and SHA-256 (GStreamer 1.22's own knows MD5
/// alone), and TLS. Free it with g_object_unref. Throws base::Error for a bad certificate.
GstRTSPAuth* newRtspAuth(RtspDoor door);

} // namespace camera
