#include "overlay/blend.hpp"

#include <algorithm>
#include <cstring>

namespace overlay {

namespace {

void blendRow(std::uint8_t* __restrict dst, const std::uint8_t* __restrict alphas,
              const std::uint8_t* __restrict values, std::size_t n) {
    for (std::size_t i = 0; i < n; i++)
        dst[i] =
            div255(static_cast<std::uint16_t>(dst[i] * (255 - alphas[i]) + values[i] * alphas[i]));
}

/// A few bytes per row: setting a vector loop up for each row would cost more than the bytes. In
/// bands, so that the lines of the cache are still there for the next column.
void blendColumns(const ByteRun& run) {
    constexpr int band = 64;
    for (int start = 0; start < run.rows; start += band) {
        const int rows = std::min(band, run.rows - start);
        for (std::size_t i = 0; i < run.bytes; i++) {
            const unsigned alpha = run.alphas[i], added = run.values[i] * alpha;
            std::uint8_t* p = run.first + start * run.stride + static_cast<std::ptrdiff_t>(i);
            if (alpha == 255)
                for (int row = 0; row < rows; row++, p += run.stride)
                    *p = run.values[i];
            else if (alpha > 0)
                for (int row = 0; row < rows; row++, p += run.stride)
                    *p = div255(*p * (255 - alpha) + added);
        }
    }
}

} // namespace

void blend(const ByteRun& run) {
    constexpr std::size_t narrow = 16;
    if (run.bytes <= narrow && run.rows > 1) {
        blendColumns(run);
        return;
    }
    // What lies between a rectangle's soft ends.
    const auto isOpaque = [](std::uint8_t a) { return a == 255; };
    const std::uint8_t* const end = run.alphas + run.bytes;
    const std::uint8_t* const opaque =
        run.rows > 1 ? std::find_if(run.alphas, std::min(run.alphas + 4, end), isOpaque) : end;
    const std::uint8_t* const soft = std::find_if_not(opaque, end, isOpaque);
    const auto before = static_cast<std::size_t>(opaque - run.alphas);
    const auto inside = static_cast<std::size_t>(soft - opaque);
    for (int row = 0; row < run.rows; row++) {
        std::uint8_t* const dst = run.first + row * run.stride;
        if (inside < narrow) {
            blendRow(dst, run.alphas, run.values, run.bytes);
            continue;
        }
        blendRow(dst, run.alphas, run.values, before);
        std::memcpy(dst + before, run.values + before, inside);
        blendRow(dst + before + inside, soft, run.values + before + inside,
                 run.bytes - before - inside);
    }
}

} // namespace overlay
