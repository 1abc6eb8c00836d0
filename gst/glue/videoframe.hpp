#pragma once

#include "base/frame.hpp"

#include <gst/video/video.h>

namespace glue {

/// Caps of every layout that `base::Frame` can stand for.
constexpr const char* frameFormats = "{ I420, NV12, YUY2, BGR, RGB, BGRx, RGBx, BGRA, RGBA }";

/// Maps a buffer for a scope. `readable()`/`writable()` lend its planes; no pixel is copied.
class MappedFrame {
public:
    /// Throws base::Error when the buffer cannot be mapped (too small for its caps, not writable).
    MappedFrame(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags);
    /// Borrows a frame that somebody else has mapped.
    explicit MappedFrame(GstVideoFrame* mapped) : frame_(*mapped), owned_(false) {}
    ~MappedFrame();
    MappedFrame(const MappedFrame&) = delete;
    MappedFrame& operator=(const MappedFrame&) = delete;

    base::Frame readable() const;
    base::WritableFrame writable();

private:
    GstVideoFrame frame_;
    bool owned_ = true;
};

} // namespace glue
