#pragma once

#include "infer/onnxgraph.hpp"

namespace infer {

/// Takes out what nothing that is answered depends on.
void removeUnused(OnnxGraph& graph);

/// Writes exp(x - max(x)) / sum(exp(x - max(x))) as the Softmax that it is. YOLOv12 spells its
/// attention out like that, and OpenCV 4.6 fails where it takes a column from a matrix.
void recogniseSoftmax(OnnxGraph& graph);

} // namespace infer
