#pragma once

#include "base/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace camera {

struct PixelRect {
    int x, y, width, height;
};

/// The smallest rectangle around `rect` whose edges are even, cut to the frame (of even size).
PixelRect evenRect(const PixelRect& rect, int frameWidth, int frameHeight);

void copyPlane(const std::uint8_t* from, std::ptrdiff_t fromStride, std::uint8_t* to,
               std::ptrdiff_t toStride, int bytes, int rows);

/// A BGRx picture kept as limited-range I420, converted part by part. videoconvert takes 4 ms for
/// 1280x720; where only signs move, converting what changed takes a tenth of that.
class I420Picture {
public:
    I420Picture(int width, int height, base::ColorMatrix matrix);

    base::ColorMatrix matrix() const { return matrix_; }
    /// `rect` must be even and inside (see evenRect).
    void convert(const base::WritableFrame& bgrx, const PixelRect& rect);
    void copyTo(const base::WritableFrame& target) const;

private:
    int width_, height_;
    base::ColorMatrix matrix_;
    std::vector<std::uint8_t> y_, u_, v_;
};

} // namespace camera
