#pragma once

#include "base/frame.hpp"

#include <cstdint>
#include <vector>

/// Black in RGB, until its bytes are written.
struct BlackFrame {
    std::vector<std::uint8_t> bytes;
    base::Frame frame;

    BlackFrame(int width, int height) : bytes(static_cast<std::size_t>(width) * height * 3) {
        frame.format = base::PixelFormat::RGB;
        frame.width = width;
        frame.height = height;
        frame.planes[0] = bytes.data();
        frame.strides[0] = 3 * width;
    }
};
