#pragma once

#include <algorithm>

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

} // namespace base
