#pragma once

#include "gststreampads.hpp"
#include "stream.hpp"

#include <gst/gst.h>

namespace onvif {

/// One connection to the camera's stream: an rtspsrc inside the element, from its making to its
/// taking down. Its pads go to StreamPads, its messages to the element as those of any child.
class StreamSession {
public:
    StreamSession(GstBin* owner, StreamPads& pads) : owner_(owner), pads_(pads) {}
    ~StreamSession() { close(); }
    StreamSession(const StreamSession&) = delete;
    StreamSession& operator=(const StreamSession&) = delete;

    /// Makes the rtspsrc, which does nothing yet. Throws base::Error where there is none.
    GstElement* make(const SourceSettings& settings, const Stream& stream);
    /// Brings it to the state of the element. False when it cannot be.
    bool open();
    /// Stops it, takes it out. Waits for its threads, and for a TEARDOWN of 100 ms at most.
    void close();

private:
    GstBin* owner_;
    StreamPads& pads_;
    GstElement* rtspsrc_ = nullptr; ///< owned by the bin
};

} // namespace onvif
