#pragma once

#include "base/frame.hpp"
#include "overlay/color.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace overlay {

/// A rectangle of whole pixels. It may lie outside the frame, in part or altogether; coordinates
/// and sizes keep within a thousand million.
struct Area {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;

    int right() const { return x + width; }
    int bottom() const { return y + height; }
    bool empty() const { return width <= 0 || height <= 0; }
};

Area intersect(const Area& a, const Area& b);

/// How much of each pixel a shape covers, 0 to 255, row after row without padding.
struct Coverage {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> values;
};

class Shape;
struct Span;

/// Draws on somebody else's pixels, in the frame's own format: nothing is converted, and no byte
/// outside the shapes changes, padding included. Whatever lies outside the frame is not drawn.
///
/// A stored byte d becomes round((d (255 - a) + c a) / 255), with c the colour's component and a
/// the alpha of the pixels that the byte speaks for. A chroma sample speaks for two or four pixels
/// (fewer at an odd edge) and takes the rounded mean of their alphas: an edge of text or of a line
/// blends its colour as softly as its brightness, which is what keeps coloured fringes away.
/// (Sampling positions are taken as centred; for left-sited chroma that is half a pixel off, which
/// nobody has seen yet.)
///
/// A plane is a grid of cells that repeat along a row: Y; U; UV; BGR; BGRx; YUYV. The alphas of a
/// row's pixels become alphas of its bytes, and those are blended by the same loop for every
/// format.
class Canvas {
public:
    explicit Canvas(const base::WritableFrame& frame);
    ~Canvas();
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;

    int width() const { return width_; }
    int height() const { return height_; }

    void fill(const Area& area, const Color& color);
    /// The inner border of `area`, `thickness` pixels wide; at half its size or more, all of it.
    void outline(const Area& area, int thickness, const Color& color);
    /// Paints `color` through `shape`, whose left top pixel is put at x, y.
    void paint(const Coverage& shape, int x, int y, const Color& color);
    /// Paints `color` through what a shape says of its rows; touches no pixel outside its spans.
    void paint(Shape& shape, const Color& color);

private:
    /// What the bytes of a cell are. `ThreeSkip`: the fourth is never written.
    enum class Cell { One, Two, Three, ThreeSkip, Yuyv };

    /// A plane, or two that are alike (U and V of I420) and share their alphas.
    struct Plane {
        Cell cell;
        int bytes;      ///< per cell
        int cellWidth;  ///< pixels that a cell stands for
        int cellHeight; ///< likewise
        struct Twin {
            std::uint8_t* data;
            std::ptrdiff_t stride;
            std::array<int, 4> components; ///< of the colour, by the cell's bytes
        };
        std::vector<Twin> twins;
    };
    struct Stroke; // one shape on one plane

    void addPlanes(const base::WritableFrame& frame);
    void corners(const Area& wanted, int thickness, int barRow, const Color& color);
    template <class AlphaRow>
    void draw(const Area& area, const Color& color, bool uniform, const AlphaRow& alphaRow);
    void gatherSpans(Shape& shape, const Plane& plane, const Area& area, int cellRow);
    template <class AlphaRow>
    void gather(const Stroke& stroke, int cellRow, const AlphaRow& alphaRow);
    void expand(const Stroke& stroke);
    void layColor(const Stroke& stroke, const std::array<std::uint8_t, 3>& components);
    void blendRows(const Stroke& stroke, int firstRow, int rows);

    int width_;
    int height_;
    base::PixelFormat format_;
    base::ColorMatrix matrix_;
    bool fullRange_;
    std::vector<Plane> planes_;

    // Of the row being drawn: alphas of its pixels, of its bytes, and what the bytes would become.
    std::array<std::vector<std::uint8_t>, 2> pixelAlphas_;
    std::vector<std::uint8_t> byteAlphas_;
    std::array<std::vector<std::uint8_t>, 2> values_; ///< by twin
    std::vector<Span> spans_;
};

} // namespace overlay
