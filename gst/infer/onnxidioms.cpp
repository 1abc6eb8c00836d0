#include "infer/onnxidioms.hpp"

#include "infer/protowriter.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace infer {
namespace {

constexpr std::int64_t lastAxis = -1;
constexpr std::uint64_t integerAttribute = 2;

/// `axis: -1`, for an attribute to borrow.
const std::string& lastAxisBytes() {
    static const std::string bytes = protoBytes(1, "axis") +
                                     protoNumber(3, static_cast<std::uint64_t>(lastAxis)) +
                                     protoNumber(20, integerAttribute);
    return bytes;
}

class Recogniser {
public:
    explicit Recogniser(OnnxGraph& graph) : graph_(graph) {
        for (const OnnxNode& node : graph_.nodes)
            for (const std::string& output : node.outputs)
                makers_[output] = &node;
    }

    void run() {
        for (OnnxNode& node : graph_.nodes)
            if (const auto source = softmaxOf(node)) {
                node.type = "Softmax";
                node.inputs = {*source};
                node.attributes.clear();
                OnnxAttribute axis;
                axis.name = "axis";
                axis.integer = lastAxis;
                axis.bytes = lastAxisBytes();
                node.attributes.push_back(axis);
            }
    }

private:
    const OnnxNode* maker(const std::string& name, const char* type, std::size_t inputs) const {
        const auto found = makers_.find(name);
        return found != makers_.end() && found->second->type == type &&
                       found->second->inputs.size() >= inputs
                   ? found->second
                   : nullptr;
    }

    bool overLastAxis(const OnnxNode& node) {
        std::vector<std::int64_t> axes = node.integers("axes");
        if (node.inputs.size() > 1)
            if (const auto found = graph_.weights.find(node.inputs[1]);
                found != graph_.weights.end() && OnnxGraph::readable(found->second, 8))
                axes = graph_.valueOf(found->second).toIntegers();
        return axes.size() == 1 && axes[0] == lastAxis && node.integer("keepdims", 1) != 0;
    }

    std::optional<std::string> softmaxOf(const OnnxNode& div) {
        if (div.type != "Div" || div.inputs.size() != 2)
            return std::nullopt;
        const OnnxNode* const sum = maker(div.inputs[1], "ReduceSum", 1);
        const OnnxNode* const exp = maker(div.inputs[0], "Exp", 1);
        if (!sum || !exp || sum->inputs[0] != div.inputs[0] || !overLastAxis(*sum))
            return std::nullopt;
        const OnnxNode* const sub = maker(exp->inputs[0], "Sub", 2);
        const OnnxNode* const max = sub ? maker(sub->inputs[1], "ReduceMax", 1) : nullptr;
        if (!max || max->inputs[0] != sub->inputs[0] || !overLastAxis(*max))
            return std::nullopt;
        return sub->inputs[0];
    }

    OnnxGraph& graph_;
    std::map<std::string, const OnnxNode*> makers_; ///< only a Div among them is ever changed
};

} // namespace

void removeUnused(OnnxGraph& graph) {
    std::set<std::string> needed;
    for (const auto& output : graph.outputs)
        needed.insert(output.name);
    std::vector<OnnxNode> kept;
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        if (std::none_of(node->outputs.begin(), node->outputs.end(),
                         [&](const std::string& name) { return needed.count(name) > 0; }))
            continue;
        needed.insert(node->inputs.begin(), node->inputs.end());
        kept.push_back(std::move(*node));
    }
    std::reverse(kept.begin(), kept.end());
    graph.nodes = std::move(kept);
}

void recogniseSoftmax(OnnxGraph& graph) { Recogniser(graph).run(); }

} // namespace infer
