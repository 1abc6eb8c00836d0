#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace base {

/// Pixel layouts that the house reads and writes in place. The four-byte ones stand for their alpha
/// forms too: the fourth byte is never touched.
enum class PixelFormat { I420, NV12, YUY2, BGR, RGB, BGRx, RGBx };

/// Which weights turn RGB into luma (ITU-R BT.601-7 section 2.5.1, BT.709-6 item 3.2).
enum class ColorMatrix { Bt601, Bt709 };

/// A picture that somebody else owns: valid as long as the map or buffer behind it.
/// Planes: I420 Y, U, V; NV12 Y, UV; packed formats one. Strides are in bytes and may exceed the
/// width; chroma planes of odd sizes are rounded up.
template <class Byte>
struct BasicFrame {
    PixelFormat format = PixelFormat::I420;
    int width = 0;  ///< pixels
    int height = 0; ///< pixels
    std::array<Byte*, 3> planes{};
    std::array<std::ptrdiff_t, 3> strides{};
    ColorMatrix matrix = ColorMatrix::Bt601;
    bool fullRange = false; ///< luma 0..255 rather than 16..235
};

using Frame = BasicFrame<const std::uint8_t>;
using WritableFrame = BasicFrame<std::uint8_t>;

} // namespace base
