#pragma once

#include "infer/array.hpp"
#include "infer/onnxgraph.hpp"

#include <string>
#include <vector>

namespace infer {

using Arrays = std::vector<Array>;

/// One node about to be computed: what its operator needs to know.
struct OpCall {
    const OnnxNode& node;
    const Arrays& in; ///< an operand that was left out is not present()
    std::int64_t opset;

    bool has(std::size_t i) const { return i < in.size() && in[i].present(); }
    /// Operand `i`. Throws base::Error BadData where there is none.
    const Array& at(std::size_t i) const;
    /// Operand `i` with floats, or with whole numbers. Throws where it has the others.
    const Array& floats(std::size_t i) const;
    const Array& integers(std::size_t i) const;
    /// A list that is an attribute in older opsets and operand `i` in newer ones.
    std::vector<std::int64_t> list(std::size_t i, std::string_view attribute) const;
    /// An axis of an array of `rank` dimensions, counted from the end when negative. Throws.
    static std::size_t axis(std::int64_t given, std::size_t rank);
};

/// An operator computed here, plainly: for the constants of a network, and for the part of it
/// behind the last convolutions, where the boxes are put together. Semantics are those of
/// onnx.ai/onnx/operators. Throws base::Error BadData for operands that do not fit.
using Operator = Arrays (*)(const OpCall&);

/// Nothing where the operator is not known here.
Operator findOperator(const OnnxNode& node);

/// Tables of operators, one file each; null where the name is not in it.
Operator findPairOperator(std::string_view type);
Operator findEachOperator(std::string_view type);
Operator findSumOperator(std::string_view type);
Operator findShapeOperator(std::string_view type);
Operator findMoveOperator(std::string_view type);
Operator findPickOperator(std::string_view type);

/// The shape that two broadcast to. Throws base::Error BadData when they do not fit.
Shape broadcast(const Shape& a, const Shape& b);
/// Elements from one to the next along each axis.
Shape stridesOf(const Shape& shape);
/// The same for an array of `shape` that is read as one of `wide`, to which it broadcasts: 0 along
/// the axes where it is repeated.
Shape stretchedStrides(const Shape& shape, const Shape& wide);

/// An array as runs of `axis`: outer x length x inner.
struct Runs {
    std::int64_t outer = 1, length = 1, inner = 1;

    Runs(const Shape& shape, std::size_t axis) {
        for (std::size_t i = 0; i < shape.size(); i++)
            (i < axis ? outer : i == axis ? length : inner) *= shape[i];
    }
};

[[noreturn]] void failOperator(const OnnxNode& node, const char* why);

} // namespace infer
