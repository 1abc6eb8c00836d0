#pragma once

#include <cstddef>
#include <cstdint>

namespace overlay {

/// round(x / 255), exactly, for x up to 255 * 255; in 16 bits, so that it vectorises.
inline std::uint8_t div255(unsigned x) {
    const auto shifted = static_cast<std::uint16_t>(x + 128);
    return static_cast<std::uint8_t>((shifted + (shifted >> 8)) >> 8);
}

/// Bytes of some rows that all get the same: byte i goes alphas[i] of 255 parts of the way to
/// values[i].
struct ByteRun {
    std::uint8_t* first;
    std::ptrdiff_t stride; ///< from row to row
    int rows;
    const std::uint8_t* alphas;
    const std::uint8_t* values;
    std::size_t bytes; ///< per row
};

/// The fastest of three ways for the run at hand: opaque insides are copied, narrow runs (the sides
/// of a box) go down the columns, all else is one vectorised loop per row.
void blend(const ByteRun& run);

} // namespace overlay
