#pragma once

#include "base/detection.hpp"
#include "overlay/shape.hpp"

#include <vector>

namespace overlay {

/// The pixels of an object, from the few that a network tells: its mask laid over the box, read
/// between the centres of its cells, and cut at half cover with an edge about a pixel wide.
class MaskFill : public Shape {
public:
    /// `mask` has to outlive this; one that does not hold what its sizes say is empty. `box`: where
    /// it lies, in pixels of the frame.
    MaskFill(const base::Mask& mask, const Area& box);

    Area bounds() const override { return empty_ ? Area{} : box_; }
    void addSpans(int y, std::vector<Span>& spans) override;
    void cover(int y, Span span, std::uint8_t* out) override;

private:
    void readRow(int y);
    /// Whether all between the i-th and the next centre is left out (0) or covered (255); -1 where
    /// it changes.
    int levelOf(std::size_t interval) const;

    const base::Mask& mask_;
    Area box_;
    bool empty_;
    double cellWidth_ = 0, cellHeight_ = 0; ///< pixels
    float gain_ = 1;                        ///< how much steeper the edge is made
    std::vector<int> starts_; ///< of the pixels between centre i-1 and i, counted from the box
    std::vector<float> row_;  ///< cells of the mask on the row at hand, outermost ones repeated
    int rowAt_ = 0;           ///< its number
    bool rowRead_ = false;
};

} // namespace overlay
