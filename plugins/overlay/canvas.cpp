#include "overlay/canvas.hpp"

#include <algorithm>
#include <cstring>

namespace overlay {

namespace {

/// round(x / 255) for x up to 255 * 255, in 16 bits so that it vectorises.
inline std::uint8_t div255(unsigned x) {
    const auto shifted = static_cast<std::uint16_t>(x + 128);
    return static_cast<std::uint8_t>((shifted + (shifted >> 8)) >> 8);
}

void blend(std::uint8_t* __restrict dst, const std::uint8_t* __restrict alphas,
           const std::uint8_t* __restrict values, std::size_t n) {
    for (std::size_t i = 0; i < n; i++)
        dst[i] =
            div255(static_cast<std::uint16_t>(dst[i] * (255 - alphas[i]) + values[i] * alphas[i]));
}

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

Canvas::Canvas(const base::WritableFrame& frame)
    : width_(frame.width), height_(frame.height), format_(frame.format), matrix_(frame.matrix),
      fullRange_(frame.fullRange) {
    addPlanes(frame);
}

void Canvas::addPlanes(const base::WritableFrame& f) {
    const auto plane = [&](int i, Cell cell, int bytes, int w, int h,
                           std::array<int, 3> components) {
        planes_.push_back({f.planes[i], f.strides[i], cell, bytes, w, h, components});
    };
    switch (f.format) {
    case base::PixelFormat::I420:
        plane(0, Cell::One, 1, 1, 1, {0});
        plane(1, Cell::One, 1, 2, 2, {1});
        plane(2, Cell::One, 1, 2, 2, {2});
        break;
    case base::PixelFormat::NV12:
        plane(0, Cell::One, 1, 1, 1, {0});
        plane(1, Cell::Two, 2, 2, 2, {1, 2});
        break;
    case base::PixelFormat::YUY2:
        plane(0, Cell::Yuyv, 4, 2, 1, {0, 1, 2});
        break;
    case base::PixelFormat::BGR:
        plane(0, Cell::Three, 3, 1, 1, {2, 1, 0});
        break;
    case base::PixelFormat::RGB:
        plane(0, Cell::Three, 3, 1, 1, {0, 1, 2});
        break;
    case base::PixelFormat::BGRx:
        plane(0, Cell::ThreeSkip, 4, 1, 1, {2, 1, 0});
        break;
    case base::PixelFormat::RGBx:
        plane(0, Cell::ThreeSkip, 4, 1, 1, {0, 1, 2});
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
    std::uint8_t* out = byteAlphas_.data();
    const std::uint8_t* a = pixelAlphas_[0].data();
    const std::uint8_t* b = pixelAlphas_[1].data();
    const int n = s.cells;
    if (s.plane.cellHeight == 2) {
        const int repeat = s.plane.bytes;
        for (int i = 0; i < n; i++) {
            const int mean = (a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1] + 2) >> 2;
            for (int j = 0; j < repeat; j++)
                out[repeat * i + j] = static_cast<std::uint8_t>(mean);
        }
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
    std::array<std::uint8_t, 4> cell{};
    const auto& order = s.plane.components;
    if (s.plane.cell == Cell::Yuyv)
        cell = {components[0], components[1], components[0], components[2]};
    else
        for (int i = 0; i < std::min(s.plane.bytes, 3); i++)
            cell[i] = components[order[i]];
    values_.resize(s.bytes());
    for (std::size_t i = 0; i < values_.size(); i += s.plane.bytes)
        std::copy_n(cell.begin(), s.plane.bytes, values_.begin() + static_cast<std::ptrdiff_t>(i));
}

/// All but the first and the last cell of a rectangle's row are alike.
void Canvas::findOpaque(const Stroke& s) {
    const std::size_t edge = s.plane.bytes;
    opaqueBegin_ = opaqueEnd_ = 0;
    if (s.cells < 3)
        return;
    const auto inside = byteAlphas_.begin() + static_cast<std::ptrdiff_t>(edge);
    if (!std::all_of(inside, inside + s.plane.bytes, [](std::uint8_t a) { return a == 255; }))
        return;
    opaqueBegin_ = edge;
    opaqueEnd_ = s.bytes() - edge;
}

template <class AlphaRow>
void Canvas::draw(const Area& area, const Color& color, bool uniform, const AlphaRow& alphaRow) {
    const auto components = componentsOf(color, format_, matrix_, fullRange_);
    for (const Plane& plane : planes_) {
        const Stroke stroke(plane, area);
        layColor(stroke, components);
        opaqueBegin_ = opaqueEnd_ = 0;
        const int first = area.y / plane.cellHeight;
        const int last = roundedUp(area.bottom(), plane.cellHeight) - 1;
        for (int row = first; row <= last; row++) {
            // Inner rows of a rectangle are all as the second one.
            if (!uniform || row <= first + 1 || row == last) {
                gather(stroke, row, alphaRow);
                expand(stroke);
                if (uniform)
                    findOpaque(stroke);
            }
            std::uint8_t* dst = plane.data + row * plane.stride +
                                static_cast<std::ptrdiff_t>(stroke.firstCell) * plane.bytes;
            blend(dst, byteAlphas_.data(), values_.data(), opaqueBegin_);
            std::memcpy(dst + opaqueBegin_, values_.data() + opaqueBegin_,
                        opaqueEnd_ - opaqueBegin_);
            blend(dst + opaqueEnd_, byteAlphas_.data() + opaqueEnd_, values_.data() + opaqueEnd_,
                  stroke.bytes() - opaqueEnd_);
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
    draw(area, color, false, [&](int y, std::uint8_t* out) {
        for (int x = area.x; x < area.right(); x++)
            if (y == barRow || x < leftEnd || x >= rightStart)
                out[x - area.x] = color.alpha;
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

} // namespace overlay
