#pragma once

#include "base/frame.hpp"

#include <cstdint>

namespace camera {

/// The frame number as a row of black and white squares in the bottom left corner, so that whoever
/// sees the picture knows which frame it is, after any encoder. The first cell is the highest bit.
struct Barcode {
    static constexpr int cells = 32;
    static constexpr double cellWidth =
        1.0 / 80; ///< side of a cell in frame widths: 8 pixels at 640

    /// Side of a cell in pixels.
    static double cell(int frameWidth) { return frameWidth * cellWidth; }
};

/// Draws the low 32 bits of `number` into a BGRx frame, or into the luma of an I420 one, whose
/// chroma is left as it is.
void drawBarcode(const base::WritableFrame& frame, std::uint64_t number);

/// Reads it back from the luma of an I420, NV12 or 4-byte RGB frame.
std::uint32_t readBarcode(const base::Frame& frame);

} // namespace camera
