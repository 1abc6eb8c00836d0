#pragma once

#include "base/detection.hpp"
#include "decode.hpp"
#include "layout.hpp"
#include "letterbox.hpp"

#include <memory>
#include <vector>

namespace yolo {

/// What a network says of an object beside its box, read for the few that are left after
/// suppression. `index` is Candidate::index of an answer that decode() took.
class Details {
public:
    Details(const std::vector<infer::Tensor>& outputs, const Layout& layout, int netWidth,
            int netHeight);

    /// The box of a candidate as it is turned; of width 0 where the layout has none.
    Turned turned(std::size_t index) const;
    /// Key points, corners and mask of a candidate whose box, within the frame, is `object.box`.
    void fill(base::Detection& object, std::size_t index, const Fit& fit) const;

private:
    float value(std::size_t index, int channel) const;
    std::vector<base::KeyPoint> keyPoints(std::size_t index, const Fit& fit) const;
    std::vector<base::Point> corners(std::size_t index, const Fit& fit) const;
    std::shared_ptr<const base::Mask> mask(std::size_t index, const base::Rect& box,
                                           const Fit& fit) const;

    const std::vector<infer::Tensor>& outputs_;
    const Layout& layout_;
    float scaleX_, scaleY_; ///< from what the network says to pixels of its input
    int netWidth_, netHeight_;
    std::size_t count_ = 0; ///< candidates
};

} // namespace yolo
