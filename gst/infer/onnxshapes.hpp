#pragma once

#include "infer/onnxgraph.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace infer {

/// The shapes of a node's outputs, from those of its inputs (nothing where one is not known), for
/// the operators that detectors are made of. Empty where the operator is not known or the shapes do
/// not tell: a shape depends on numbers, which `values` holds as far as they are constant. `budget`
/// is how many elements may still be looked at; it shrinks, and at 0 nothing is known any more.
std::vector<std::optional<Shape>> inferShapes(const OnnxNode& node,
                                              const std::vector<std::optional<Shape>>& shapes,
                                              const std::vector<Array>& values, std::int64_t opset,
                                              std::int64_t& budget);

} // namespace infer
