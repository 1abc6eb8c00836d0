#pragma once

#include "gststreampads.hpp"
#include "stream.hpp"

#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>

#include <functional>
#include <mutex>
#include <string>

namespace onvif {

/// One connection to the camera's stream: an rtspsrc inside the element, from its making to its
/// taking down. Its pads go to StreamPads, its messages to the element as those of any child.
class StreamSession {
public:
    struct Hooks {
        std::function<void()> playAsked; ///< from now on the camera owes us a picture
        /// The camera sends us to another host, where nothing of ours goes.
        std::function<void(const std::string& host)> sentElsewhere;
    };
    StreamSession(GstBin* owner, StreamPads& pads, Hooks hooks)
        : owner_(owner), pads_(pads), hooks_(std::move(hooks)) {}
    ~StreamSession() { close(); }
    StreamSession(const StreamSession&) = delete;
    StreamSession& operator=(const StreamSession&) = delete;

    /// Makes the rtspsrc, which does nothing yet. Throws base::Error where there is none.
    GstElement* make(const SourceSettings& settings, const Stream& stream);
    /// Brings it to the state of the element, which `stateLock` keeps from changing meanwhile.
    bool open(std::mutex& stateLock);
    /// Takes it away from the pads, stops it, takes it out. Waits for its threads, and for a
    /// TEARDOWN of 100 ms at most.
    void close();

private:
    static gboolean beforeSend(GstElement*, GstRTSPMessage* message, gpointer self);

    GstBin* owner_;
    StreamPads& pads_;
    const Hooks hooks_;
    GstElement* rtspsrc_ = nullptr; ///< owned by the bin
    std::string host_;              ///< the only one that is spoken to
};

} // namespace onvif
