#pragma once

#include "camerawatch.hpp"
#include "support/scene.hpp"

inline int distance(const std::uint8_t* bgrx, const camera::Color& color) {
    return std::abs(bgrx[2] - color.red) + std::abs(bgrx[1] - color.green) +
           std::abs(bgrx[0] - color.blue);
}

/// Holds a decoded picture against what the scene says it shows; returns its number.
inline std::uint32_t checkScene(GstSample* sample, int width, int height, double fps) {
    GstVideoInfo info;
    fail_unless(gst_video_info_from_caps(&info, gst_sample_get_caps(sample)));
    fail_unless_equals_int(GST_VIDEO_INFO_WIDTH(&info), width);
    fail_unless_equals_int(GST_VIDEO_INFO_HEIGHT(&info), height);
    const glue::MappedFrame mapped(info, gst_sample_get_buffer(sample), GST_MAP_READ);
    const base::Frame frame = mapped.readable();
    const std::uint32_t number = camera::readBarcode(frame);
    for (const auto& sign : camera::objectsAt(number, fps, static_cast<double>(width) / height)) {
        const auto x = static_cast<int>((sign.box.x + sign.box.width / 2) * width);
        const auto y = static_cast<int>((sign.box.y + sign.box.height * 0.6) * height);
        const std::uint8_t* pixel = frame.planes[0] + y * frame.strides[0] + 4 * x;
        const int off = distance(pixel, camera::signColors[static_cast<std::size_t>(sign.classId)]);
        fail_unless(off < 60, "frame %u: %s at %d,%d is %d,%d,%d", number, sign.label.c_str(), x, y,
                    pixel[2], pixel[1], pixel[0]);
    }
    return number;
}
