#include "overlay/canvas.hpp"

#include "overlay/blend.hpp"
#include "overlay/shape.hpp"

#include <algorithm>
#include <cstring>

namespace overlay {

namespace {

int roundedUp(int pixels, int cell) { return (pixels + cell - 1) / cell; }

} // namespace

Area intersect(const Area& a, const Area& b) {
    if (a.empty() || b.empty())
        return {};
    // Sums in 64 bits: an area may be anywhere.
    const auto far = [](int start, int length) {
        return static_cast<std::int64_t>(start) + length;
    };
    const int left = std::max(a.x, b.x), top = std::max(a.y, b.y);
    const std::int64_t right = std::min(far(a.x, a.width), far(b.x, b.width));
    const std::int64_t bottom = std::min(far(a.y, a.height), far(b.y, b.height));
    if (right <= left || bottom <= top)
        return {};
    return {left, top, static_cast<int>(right - left), static_cast<int>(bottom - top)};
}

/// One shape on one plane: the cells that it touches and the pixels of it that are in the frame.
struct Canvas::Stroke {
    const Plane& plane;
    Area area;
    int firstCell;
    int cells;

    Stroke(const Plane& p, const Area& a)
        : plane(p), area(a), firstCell(a.x / p.cellWidth),
          cells(roundedUp(a.right(), p.cellWidth) - firstCell) {}

    int firstPixel() const { return firstCell * plane.cellWidth; }
    std::size_t pixels() const { return static_cast<std::size_t>(cells) * plane.cellWidth; }
    std::size_t bytes() const { return static_cast<std::size_t>(cells) * plane.bytes; }
};

Canvas::~Canvas() = default;

Canvas::Canvas(const base::WritableFrame& frame)
    : width_(frame.width), height_(frame.height), format_(frame.format), matrix_(frame.matrix),
      fullRange_(frame.fullRange) {
    addPlanes(frame);
}

void Canvas::addPlanes(const base::WritableFrame& f) {
    const auto twin = [&](int plane, std::array<int, 4> components) {
        return Plane::Twin{f.planes[plane], f.strides[plane], components};
    };
    switch (f.format) {
    case base::PixelFormat::I420:
        planes_ = {{Cell::One, 1, 1, 1, {twin(0, {0})}},
                   {Cell::One, 1, 2, 2, {twin(1, {1}), twin(2, {2})}}};
        break;
    case base::PixelFormat::NV12:
        planes_ = {{Cell::One, 1, 1, 1, {twin(0, {0})}}, {Cell::Two, 2, 2, 2, {twin(1, {1, 2})}}};
        break;
    case base::PixelFormat::YUY2:
        planes_ = {{Cell::Yuyv, 4, 2, 1, {twin(0, {0, 1, 0, 2})}}};
        break;
    case base::PixelFormat::BGR:
        planes_ = {{Cell::Three, 3, 1, 1, {twin(0, {2, 1, 0})}}};
        break;
    case base::PixelFormat::RGB:
        planes_ = {{Cell::Three, 3, 1, 1, {twin(0, {0, 1, 2})}}};
        break;
    case base::PixelFormat::BGRx:
        planes_ = {{Cell::ThreeSkip, 4, 1, 1, {twin(0, {2, 1, 0})}}};
        break;
    case base::PixelFormat::RGBx:
        planes_ = {{Cell::ThreeSkip, 4, 1, 1, {twin(0, {0, 1, 2})}}};
        break;
    }
}

/// The pixel alphas of a row of cells: `alphaRow(y, out)` gives those of one row of the shape. A
/// pixel that the frame lacks at an odd edge counts as its neighbour, which leaves a mean over four
/// what the mean over the present ones is, rounding included.
template <class AlphaRow>
void Canvas::gather(const Stroke& s, int cellRow, const AlphaRow& alphaRow) {
    for (int i = 0; i < s.plane.cellHeight; i++) {
        std::vector<std::uint8_t>& row = pixelAlphas_[i];
        row.assign(s.pixels(), 0);
        const int y = cellRow * s.plane.cellHeight + i;
        if (y >= height_)
            row = pixelAlphas_[0];
        else if (y >= s.area.y && y < s.area.bottom())
            alphaRow(y, row.data() + (s.area.x - s.firstPixel()));
        if (s.firstPixel() + static_cast<int>(s.pixels()) > width_)
            row.back() = row[row.size() - 2];
    }
}

void Canvas::expand(const Stroke& s) {
    byteAlphas_.resize(s.bytes());
    std::uint8_t* __restrict out = byteAlphas_.data();
    const std::uint8_t* __restrict a = pixelAlphas_[0].data();
    const std::uint8_t* __restrict b = pixelAlphas_[1].data();
    const int n = s.cells;
    const auto mean = [&](int i) {
        return static_cast<std::uint8_t>((a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1] + 2) >>
                                         2);
    };
    if (s.plane.cellHeight == 2 && s.plane.cell == Cell::One) {
        for (int i = 0; i < n; i++)
            out[i] = mean(i);
        return;
    }
    if (s.plane.cellHeight == 2) {
        for (int i = 0; i < n; i++)
            out[2 * i] = out[2 * i + 1] = mean(i);
        return;
    }
    switch (s.plane.cell) {
    case Cell::One:
        std::copy(a, a + n, out);
        break;
    case Cell::Two:
        for (int i = 0; i < n; i++)
            out[2 * i] = out[2 * i + 1] = a[i];
        break;
    case Cell::Three:
        for (int i = 0; i < n; i++)
            out[3 * i] = out[3 * i + 1] = out[3 * i + 2] = a[i];
        break;
    case Cell::ThreeSkip:
        for (int i = 0; i < n; i++) {
            out[4 * i] = out[4 * i + 1] = out[4 * i + 2] = a[i];
            out[4 * i + 3] = 0;
        }
        break;
    case Cell::Yuyv:
        for (int i = 0; i < n; i++) {
            out[4 * i] = a[2 * i];
            out[4 * i + 2] = a[2 * i + 1];
            out[4 * i + 1] = out[4 * i + 3] =
                static_cast<std::uint8_t>((a[2 * i] + a[2 * i + 1] + 1) >> 1);
        }
        if (s.firstPixel() + static_cast<int>(s.pixels()) > width_)
            out[4 * n - 2] = 0; // the Y of a pixel that is not there
        break;
    }
}

void Canvas::layColor(const Stroke& s, const std::array<std::uint8_t, 3>& components) {
    const int bytes = s.plane.bytes;
    for (std::size_t t = 0; t < s.plane.twins.size(); t++) {
        const std::array<int, 4>& order = s.plane.twins[t].components;
        std::vector<std::uint8_t>& row = values_[t];
        row.assign(s.bytes(), components[order[0]]);
        for (int i = 1; i < bytes; i++)
            for (std::size_t at = i; at < row.size(); at += bytes)
                row[at] = components[order[i]];
    }
}

void Canvas::blendRows(const Stroke& s, int firstRow, int rows) {
    const std::ptrdiff_t column = static_cast<std::ptrdiff_t>(s.firstCell) * s.plane.bytes;
    for (std::size_t t = 0; t < s.plane.twins.size(); t++) {
        const Plane::Twin& twin = s.plane.twins[t];
        blend({twin.data + firstRow * twin.stride + column, twin.stride, rows, byteAlphas_.data(),
               values_[t].data(), s.bytes()});
    }
}

/// `uniform`: the shape is a rectangle, of which all rows of cells but the first and last are
/// alike.
template <class AlphaRow>
void Canvas::draw(const Area& area, const Color& color, bool uniform, const AlphaRow& alphaRow) {
    const auto components = componentsOf(color, format_, matrix_, fullRange_);
    for (const Plane& plane : planes_) {
        const Stroke stroke(plane, area);
        layColor(stroke, components);
        const int first = area.y / plane.cellHeight;
        const int last = roundedUp(area.bottom(), plane.cellHeight) - 1;
        for (int row = first, rows; row <= last; row += rows) {
            rows = uniform && row > first && row < last ? last - row : 1;
            gather(stroke, row, alphaRow);
            expand(stroke);
            blendRows(stroke, row, rows);
        }
    }
}

void Canvas::fill(const Area& wanted, const Color& color) {
    const Area area = intersect(wanted, {0, 0, width_, height_});
    if (area.empty() || color.alpha == 0)
        return;
    draw(area, color, true, [&](int, std::uint8_t* out) {
        std::memset(out, color.alpha, static_cast<std::size_t>(area.width));
    });
}

/// Where a bar and the sides below it share a row of chroma samples, both are one stroke: two
/// strokes would each blend a part, and the corner's colour would come out thin.
void Canvas::outline(const Area& a, int thickness, const Color& color) {
    if (a.empty() || thickness <= 0)
        return;
    if (thickness >= (a.width + 1) / 2 || thickness >= (a.height + 1) / 2) {
        fill(a, color);
        return;
    }
    const int top = a.y + thickness, bottom = a.bottom() - thickness;
    const bool topShares = top & 1, bottomShares = bottom & 1;
    const int sidesFrom = top + topShares, sidesTo = bottom - bottomShares;
    fill({a.x, a.y, a.width, top - topShares - a.y}, color);
    if (topShares)
        corners({a.x, top - 1, a.width, 2}, thickness, top - 1, color);
    fill({a.x, sidesFrom, thickness, sidesTo - sidesFrom}, color);
    fill({a.right() - thickness, sidesFrom, thickness, sidesTo - sidesFrom}, color);
    if (bottomShares)
        corners({a.x, bottom - 1, a.width, 2}, thickness, bottom, color);
    fill({a.x, bottom + bottomShares, a.width, a.bottom() - bottom - bottomShares}, color);
}

/// Two rows of an outline: `barRow` is all covered, the other at its ends.
void Canvas::corners(const Area& wanted, int thickness, int barRow, const Color& color) {
    const Area area = intersect(wanted, {0, 0, width_, height_});
    if (area.empty() || color.alpha == 0)
        return;
    const int leftEnd = wanted.x + thickness, rightStart = wanted.right() - thickness;
    const auto paint = [&](std::uint8_t* out, int from, int to) {
        const int begin = std::max(from, area.x), end = std::min(to, area.right());
        if (end > begin)
            std::memset(out + (begin - area.x), color.alpha, static_cast<std::size_t>(end - begin));
    };
    draw(area, color, false, [&](int y, std::uint8_t* out) {
        paint(out, wanted.x, y == barRow ? wanted.right() : leftEnd);
        paint(out, rightStart, wanted.right());
    });
}

void Canvas::paint(const Coverage& shape, int x, int y, const Color& color) {
    const Area area = intersect({x, y, shape.width, shape.height}, {0, 0, width_, height_});
    if (area.empty() || color.alpha == 0)
        return;
    const unsigned alpha = color.alpha;
    draw(area, color, false, [&](int row, std::uint8_t* out) {
        const std::uint8_t* in =
            shape.values.data() + static_cast<std::ptrdiff_t>(row - y) * shape.width + (area.x - x);
        for (int i = 0; i < area.width; i++)
            out[i] = div255(in[i] * alpha);
    });
}

/// The shape's spans on the rows of a row of cells, widened to whole cells, in order and apart:
/// each cell is then blended once.
void Canvas::gatherSpans(Shape& shape, const Plane& plane, const Area& area, int cellRow) {
    spans_.clear();
    const int top = std::max(cellRow * plane.cellHeight, area.y);
    const int bottom = std::min((cellRow + 1) * plane.cellHeight, area.bottom());
    for (int y = top; y < bottom; y++)
        shape.addSpans(y, spans_);
    for (Span& s : spans_) {
        s.from = std::max(s.from, area.x) / plane.cellWidth * plane.cellWidth;
        s.to =
            roundedUp(std::max(std::min(s.to, area.right()), 0), plane.cellWidth) * plane.cellWidth;
    }
    std::sort(spans_.begin(), spans_.end(),
              [](const Span& a, const Span& b) { return a.from < b.from; });
    std::size_t kept = 0;
    for (const Span& s : spans_) {
        if (s.from >= s.to)
            continue;
        if (kept > 0 && s.from <= spans_[kept - 1].to)
            spans_[kept - 1].to = std::max(spans_[kept - 1].to, s.to);
        else
            spans_[kept++] = s;
    }
    spans_.resize(kept);
}

void Canvas::paint(Shape& shape, const Color& color) {
    const Area area = intersect(shape.bounds(), {0, 0, width_, height_});
    if (area.empty() || color.alpha == 0)
        return;
    const auto components = componentsOf(color, format_, matrix_, fullRange_);
    for (const Plane& plane : planes_) {
        layColor(Stroke(plane, area), components); // alike in every cell, so good for all spans
        const int last = roundedUp(area.bottom(), plane.cellHeight) - 1;
        for (int row = area.y / plane.cellHeight; row <= last; row++) {
            gatherSpans(shape, plane, area, row);
            for (const Span& s : spans_) {
                const Stroke stroke(plane,
                                    intersect(area, {s.from, area.y, s.to - s.from, area.height}));
                gather(stroke, row, [&](int y, std::uint8_t* out) {
                    shape.cover(y, {stroke.area.x, stroke.area.right()}, out);
                    for (int i = 0; color.alpha < 255 && i < stroke.area.width; i++)
                        out[i] = div255(static_cast<unsigned>(out[i]) * color.alpha);
                });
                expand(stroke);
                blendRows(stroke, row, 1);
            }
        }
    }
}

} // namespace overlay
