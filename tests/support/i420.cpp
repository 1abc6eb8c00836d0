#include "support/i420.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace camera {
namespace {

/// Weights in 1/65536, for limited range (ITU-R BT.601-7 section 2.5.3, BT.709-6 item 3.4).
struct Weights {
    int yr, yg, yb, ur, ug, ub, vr, vg, vb;
};

Weights weightsOf(base::ColorMatrix matrix) {
    const double kr = matrix == base::ColorMatrix::Bt709 ? 0.2126 : 0.299;
    const double kb = matrix == base::ColorMatrix::Bt709 ? 0.0722 : 0.114;
    const double kg = 1 - kr - kb;
    const auto fixed = [](double x) { return static_cast<int>(std::lround(x * 65536)); };
    const double luma = 219.0 / 255, cb = 224.0 / 255 / 2 / (1 - kb),
                 cr = 224.0 / 255 / 2 / (1 - kr);
    return {fixed(kr * luma),     fixed(kg * luma), fixed(kb * luma),
            fixed(-kr * cb),      fixed(-kg * cb),  fixed((1 - kb) * cb),
            fixed((1 - kr) * cr), fixed(-kg * cr),  fixed(-kb * cr)};
}

} // namespace

PixelRect evenRect(const PixelRect& rect, int frameWidth, int frameHeight) {
    const int left = std::clamp(rect.x, 0, frameWidth) & ~1;
    const int top = std::clamp(rect.y, 0, frameHeight) & ~1;
    const int right = std::min(frameWidth, (std::max(left, rect.x + rect.width) + 1) & ~1);
    const int bottom = std::min(frameHeight, (std::max(top, rect.y + rect.height) + 1) & ~1);
    return {left, top, right - left, bottom - top};
}

void copyPlane(const std::uint8_t* from, std::ptrdiff_t fromStride, std::uint8_t* to,
               std::ptrdiff_t toStride, int bytes, int rows) {
    for (int i = 0; i < rows; ++i)
        std::memcpy(to + i * toStride, from + i * fromStride, static_cast<std::size_t>(bytes));
}

I420Picture::I420Picture(int width, int height, base::ColorMatrix matrix)
    : width_(width), height_(height), matrix_(matrix),
      y_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)), u_(y_.size() / 4),
      v_(y_.size() / 4) {}

void I420Picture::convert(const base::WritableFrame& bgrx, const PixelRect& rect) {
    const Weights k = weightsOf(matrix_);
    for (int y = rect.y; y < rect.y + rect.height; y += 2) {
        for (int x = rect.x; x < rect.x + rect.width; x += 2) {
            int r = 0, g = 0, b = 0;
            for (int dy = 0; dy < 2; ++dy) {
                const std::uint8_t* p = bgrx.planes[0] + (y + dy) * bgrx.strides[0] + 4 * x;
                std::uint8_t* luma = y_.data() + (y + dy) * width_ + x;
                for (int dx = 0; dx < 2; ++dx, p += 4) {
                    luma[dx] = static_cast<std::uint8_t>(
                        (k.yr * p[2] + k.yg * p[1] + k.yb * p[0] + (16 << 16) + 32768) >> 16);
                    r += p[2], g += p[1], b += p[0];
                }
            }
            const int at = y / 2 * (width_ / 2) + x / 2;
            const int middle = (128 << 18) + (1 << 17); // sums of four pixels: two bits more
            u_[static_cast<std::size_t>(at)] =
                static_cast<std::uint8_t>((k.ur * r + k.ug * g + k.ub * b + middle) >> 18);
            v_[static_cast<std::size_t>(at)] =
                static_cast<std::uint8_t>((k.vr * r + k.vg * g + k.vb * b + middle) >> 18);
        }
    }
}

void I420Picture::copyTo(const base::WritableFrame& target) const {
    copyPlane(y_.data(), width_, target.planes[0], target.strides[0], width_, height_);
    copyPlane(u_.data(), width_ / 2, target.planes[1], target.strides[1], width_ / 2, height_ / 2);
    copyPlane(v_.data(), width_ / 2, target.planes[2], target.strides[2], width_ / 2, height_ / 2);
}

} // namespace camera
