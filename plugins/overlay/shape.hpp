#pragma once

#include "overlay/canvas.hpp"

#include <cstdint>
#include <vector>

namespace overlay {

/// Pixels of a row, `to` not among them.
struct Span {
    int from = 0;
    int to = 0;
};

/// Something to paint that answers row by row, so that nobody has to hold a picture of it: a mask
/// as large as the frame costs a row of memory, and a line across the frame only the pixels on it.
/// A row may be asked for more than once, by the planes in turn.
class Shape {
public:
    virtual ~Shape() = default;
    Shape() = default;
    Shape(const Shape&) = default;
    Shape& operator=(const Shape&) = default;

    /// What holds all of it; may lie outside the frame.
    virtual Area bounds() const = 0;
    /// Adds where row `y` may be covered; in any order, and they may overlap.
    virtual void addSpans(int y, std::vector<Span>& spans) = 0;
    /// How much of each pixel of `span` on row `y` is covered, 0 to 255; also right outside of what
    /// addSpans() said.
    virtual void cover(int y, Span span, std::uint8_t* out) = 0;
};

} // namespace overlay
