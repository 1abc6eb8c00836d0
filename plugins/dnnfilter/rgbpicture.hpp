#pragma once

#include "base/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dnnfilter {

/// A picture as networks know them: red, green, blue, 0 to 255, row by row without gaps.
struct RgbPicture {
    int width = 0, height = 0; ///< pixels
    std::vector<std::uint8_t> bytes;

    void resize(int w, int h) {
        width = w;
        height = h;
        bytes.resize(std::size_t{3} * static_cast<std::size_t>(w) * static_cast<std::size_t>(h));
    }
};

/// All layouts but YUY2; I420 and NV12 by the frame's matrix and range; a chroma sample counts for
/// all its pixels.
void toRgb(const base::Frame& frame, RgbPicture& picture);

/// The way back, in place; chroma is the mean of its pixels. Sizes are the same.
void fromRgb(const RgbPicture& picture, base::WritableFrame& frame);

} // namespace dnnfilter
