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
    std::size_t index = 0; ///< which candidate of its output: where its details are
};

/// The candidates of one answer whose score reaches `threshold`, each with its best class; those
/// whose box or score is not finite, and boxes without area, are left out. Formulas: see
/// `Layout::Kind`; the grid's is x = (tx + column) * stride, w = exp(tw) * stride (YOLOX,
/// `decode_outputs` in yolox/models/yolo_head.py); the heads' is x = (2 s(tx) - 0.5 + column) *
/// stride, w = (2 s(tw))^2
/// * anchor with s the logistic function (YOLOv5, `Detect` in models/yolo.py). Throws base::Error
/// BadData when the answer is not of the layout.
std::vector<Candidate> decode(const std::vector<infer::Tensor>& outputs, const Layout& layout,
                              int netWidth, int netHeight, float threshold);

/// A box that is turned, in pixels of the network's input.
struct Turned {
    float x = 0, y = 0, width = 0, height = 0;
    float angle = 0; ///< radians, clockwise on the screen
};

/// How much two turned boxes are one, 0 to 1: that of the two Gaussians with their moments
/// (ProbIoU, arXiv:2106.06072), which is how networks for turned boxes are trained and suppressed.
double likeness(const Turned& a, const Turned& b);

/// A candidate where the frame has it.
struct Found {
    base::Rect box; ///< parts of the frame, may reach past it
    float score = 0;
    int classId = 0;
    std::size_t index = 0; ///< of its candidate
    Turned turned{};       ///< with a width of 0: not turned
};

/// Non-maximum suppression within each class: best first, those that overlap a better one of their
/// class by more than `iouThreshold` are dropped; turned boxes overlap as `likeness` has it. At
/// most `most` of the best are looked at, since the work grows with the square.
std::vector<Found> suppress(std::vector<Found> found, double iouThreshold, std::size_t most = 4096);

} // namespace yolo
