#pragma once

#include <gst/gst.h>

#ifndef GST_USE_UNSTABLE_API
#define GST_USE_UNSTABLE_API
#endif
#include <gst/webrtc/webrtc.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace support {

// What the clients of the tests do with their webrtcbin, whoever is at the other side. All throw
// std::runtime_error where GStreamer does not do it.

struct FreeDescription {
    void operator()(GstWebRTCSessionDescription* d) const {
        gst_webrtc_session_description_free(d);
    }
};
using Description = std::unique_ptr<GstWebRTCSessionDescription, FreeDescription>;

template <class Condition>
bool waitFor(std::chrono::milliseconds limit, Condition condition) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

/// Asks no router to open ports, and keeps nothing on the pipeline's bus.
void keepQuiet(GstElement* pipeline, GstElement* webrtc);

/// Makes an "offer" or "answer", sets it and gathers candidates for three seconds at most; the
/// description as it is then.
std::string describe(GstElement* webrtc, const std::string& kind);

/// The other side's description. Returns whether webrtcbin takes it.
bool take(GstElement* webrtc, GstWebRTCSDPType type, const std::string& text);

} // namespace support
