#pragma once

#include "base/frame.hpp"

#include <array>
#include <cstdint>

namespace overlay {

/// A colour as a screen shows it: sRGB, with the share it covers of what is below (255: all of it).
struct Color {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    std::uint8_t alpha = 255;
};

inline bool operator==(const Color& a, const Color& b) {
    return a.red == b.red && a.green == b.green && a.blue == b.blue && a.alpha == b.alpha;
}

/// 0xAARRGGBB, as textoverlay and others write colours.
Color colorOf(std::uint32_t argb);

/// The colour of the n-th class or track: any two small numbers get colours that the eye tells
/// apart, and a number keeps its colour for ever. Repeats after `paletteSize`.
Color paletteColor(std::uint64_t n);
constexpr std::uint64_t paletteSize = 144;

/// Black or white, whichever reads better on `background` (WCAG 2.1, contrast ratio).
Color readableOn(const Color& background);

/// What a frame stores for a colour: Y, U, V in the frame's matrix and range, or R, G, B (which are
/// full range whatever the frame says: cameras and converters mark RGB loosely).
std::array<std::uint8_t, 3> componentsOf(const Color& color, base::PixelFormat format,
                                         base::ColorMatrix matrix, bool fullRange);

} // namespace overlay
