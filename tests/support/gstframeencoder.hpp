#pragma once

#include "glue/ref.hpp"
#include "support/gstpipeline.hpp"
#include "support/scenepainter.hpp"

#include <gst/video/video.h>

#include <cstdint>
#include <string>

namespace camera {

/// Draws frames of the scene and encodes them, one at a time and in any order, as H.264 access
/// units.
class FrameEncoder {
public:
    /// Throws base::Error when no encoder is installed.
    FrameEncoder(int width, int height, int fps);

    /// Of the access units that come out.
    static glue::Ref<GstCaps> caps(int width, int height, int fps);
    /// Frame `number` with `title` above it; as a key frame, or as one that follows the frame
    /// before it. Throws base::Error.
    glue::Ref<GstBuffer> encode(std::uint64_t number, const std::string& title, bool key);

private:
    glue::Ref<GstBuffer> draw(std::uint64_t number, const std::string& title);

    int fps_;
    GstVideoInfo info_{};
    ScenePainter painter_;
    Pipeline pipeline_;
    glue::Ref<GstElement> source_, sink_;
    std::uint64_t count_ = 0;
};

} // namespace camera
