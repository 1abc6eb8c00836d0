#pragma once

#include "base/rect.hpp"
#include "overlay/shape.hpp"

#include <utility>
#include <vector>

namespace overlay {

/// Round-ended lines of any direction, and dots, which are lines without length. All of them
/// together are one shape: where they cross, a translucent colour is not laid twice.
///
/// A pixel's cover is how far its centre lies inside the edge, held between 0 and 1, which softens
/// the edge over one pixel. Only pixels near a line are looked at.
class Lines : public Shape {
public:
    /// In pixels of the frame, of which 0, 0 is the left top corner of the first; each coordinate
    /// within a million.
    struct Place {
        double x = 0, y = 0;
    };

    /// Covers what is nearer than `radius` to a line and not nearer than `hole`; 0 leaves no hole.
    explicit Lines(double radius, double hole = 0) : radius_(radius), hole_(hole) {}

    void add(const Place& from, const Place& to);

    Area bounds() const override;
    void addSpans(int y, std::vector<Span>& spans) override;
    void cover(int y, Span span, std::uint8_t* out) override;

private:
    /// Where the line from `first` may cover row `y`; empty where it does not.
    Span spanOf(const std::pair<Place, Place>& line, int y) const;

    double radius_, hole_;
    std::vector<std::pair<Place, Place>> lines_;
    std::vector<float> distances_; ///< squared, of the row at hand
};

} // namespace overlay
