#pragma once

#include "base/rect.hpp"
#include "layout.hpp"

#include <vector>

namespace yolo {

/// One box that a network proposes, in pixels of its input.
struct Candidate {
    float left = 0, top = 0, right = 0, bottom = 0;
    float score = 0;
    int classId = 0;
};

/// The candidates of one answer whose score reaches `threshold`, each with its best class; boxes
/// that are not finite or have no area are left out. Formulas: see `Layout::Kind`; the grid's is x
/// = (tx + column) * stride, w = exp(tw) * stride (YOLOX, `decode_outputs` in
/// yolox/models/yolo_head.py). Throws base::Error BadData when the answer is not of the layout.
std::vector<Candidate> decode(const std::vector<infer::Tensor>& outputs, const Layout& layout,
                              int netWidth, int netHeight, float threshold);

/// A candidate where the frame has it.
struct Found {
    base::Rect box; ///< parts of the frame, may reach past it
    float score = 0;
    int classId = 0;
};

/// Non-maximum suppression within each class: best first, those that overlap a better one of their
/// class by more than `iouThreshold` are dropped. At most `most` of the best are looked at, since
/// the work grows with the square.
std::vector<Found> suppress(std::vector<Found> found, double iouThreshold, std::size_t most = 4096);

} // namespace yolo
