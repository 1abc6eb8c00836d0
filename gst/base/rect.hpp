#pragma once

#include <algorithm>
#include <cmath>

namespace base {

/// An axis-aligned rectangle in parts of the frame: 0..1 from the left and top edges, so that it
/// stays true when the picture is scaled.
struct Rect {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;

    double right() const { return x + width; }
    double bottom() const { return y + height; }
    double area() const { return width > 0 && height > 0 ? width * height : 0; }
};

inline Rect intersect(const Rect& a, const Rect& b) {
    const double left = std::max(a.x, b.x);
    const double top = std::max(a.y, b.y);
    const double right = std::min(a.right(), b.right());
    const double bottom = std::min(a.bottom(), b.bottom());
    return {left, top, std::max(0.0, right - left), std::max(0.0, bottom - top)};
}

/// Intersection over union, 0 (apart) to 1 (equal); 0 for two empty rectangles.
inline double overlap(const Rect& a, const Rect& b) {
    const double common = intersect(a, b).area();
    const double all = a.area() + b.area() - common;
    return all > 0 ? common / all : 0;
}

/// The part of `r` that lies within the frame.
inline Rect clampToFrame(const Rect& r) { return intersect(r, {0, 0, 1, 1}); }

/// A rectangle of whole pixels within a frame.
struct PixelRect {
    int x, y, width, height;
};

/// The part of `r` that lies within a frame of that size. Its edges are rounded rather than its
/// sides, so that it ends where the frame ends; it has a pixel where there is one.
inline PixelRect wholePixels(const Rect& r, int frameWidth, int frameHeight) {
    const auto px = [](double part, int size) {
        return static_cast<int>(std::lround(std::clamp(part, 0.0, 1.0) * size));
    };
    const int x = std::min(px(r.x, frameWidth), std::max(0, frameWidth - 1));
    const int y = std::min(px(r.y, frameHeight), std::max(0, frameHeight - 1));
    return {x, y, std::max(1, px(r.right(), frameWidth) - x),
            std::max(1, px(r.bottom(), frameHeight) - y)};
}

} // namespace base
