#pragma once

#include "infer/onnxgraph.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace infer {

/// Computes all that is constant in a graph once its input has a size, and undoes float16 and
/// quantisation: what is left are the nodes that depend on the picture, in float32.
class OnnxFold {
public:
    /// Sizes `graph.inputs[0]` as `input` and folds `graph` in place. `fileBytes` bounds the work.
    OnnxFold(OnnxGraph& graph, const Shape& input, std::size_t fileBytes);

    /// What is known of a value's shape.
    std::optional<Shape> shapeOf(const std::string& name) const;
    /// Whether a value is whole numbers, not floats.
    bool isWhole(const std::string& name) const;

private:
    void fold(OnnxNode node);
    bool undone(OnnxNode& node);
    bool clamped(OnnxNode& node);
    bool compute(const OnnxNode& node);
    bool shape(const OnnxNode& node);
    void follow(const OnnxNode& node);
    Array constant(const std::string& name, std::int64_t most);
    bool isConstant(const std::string& name) const { return graph_.weights.count(name) > 0; }
    void define(const std::string& name, Array value);
    void alias(const OnnxNode& node, std::size_t input = 0);
    void floatWeight(OnnxNode& node, std::size_t weight, std::size_t zero);
    OnnxGraph& graph_;
    std::vector<OnnxNode> left_;
    std::map<std::string, std::string> aliases_;
    std::map<std::string, Shape> shapes_;
    std::set<std::string> whole_; ///< values of whole numbers that are computed when it runs
    std::int64_t elements_;       ///< that may still be computed
    std::int64_t looks_;          ///< elements that shapes may still be found with
};

} // namespace infer
