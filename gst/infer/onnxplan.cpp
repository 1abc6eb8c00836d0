#include "infer/onnxplan.hpp"

#include "infer/onnxfold.hpp"
#include "infer/onnxidioms.hpp"
#include "infer/protowire.hpp"
#include "infer/protowriter.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace infer {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t pictureRank = 4;
constexpr std::uint64_t integersAttribute = 7, floatAttribute = 1;

bool oneOf(const std::string& type, std::initializer_list<const char*> list) {
    return std::any_of(list.begin(), list.end(), [&](const char* name) { return type == name; });
}

/// Divides a folded graph, and writes its body as OpenCV 4.6 reads it.
class Divider {
public:
    Divider(OnnxGraph& graph, const OnnxFold& fold) : graph_(graph), fold_(fold) {
        for (const OnnxNode& node : graph_.nodes)
            for (const std::string& output : node.outputs)
                makers_[output] = &node;
    }

    OnnxPlan plan() {
        divide();
        OnnxPlan plan;
        std::vector<OnnxNode> tail;
        std::set<std::string> made, seams;
        for (std::size_t i = 0; i < graph_.nodes.size(); i++)
            if (inBody_[i])
                made.insert(graph_.nodes[i].outputs.begin(), graph_.nodes[i].outputs.end());
        made.insert(graph_.inputs[0].name);
        const auto cross = [&](const std::string& name) {
            if (made.count(name) && seams.insert(name).second)
                plan.seams.push_back(name);
        };
        std::map<std::string, Array> constants;
        for (std::size_t i = 0; i < graph_.nodes.size(); i++) {
            if (inBody_[i])
                continue;
            tail.push_back(graph_.nodes[i]);
            for (const std::string& input : graph_.nodes[i].inputs) {
                cross(input);
                hold(input, constants);
            }
        }
        std::vector<std::string> outputs;
        for (const auto& output : graph_.outputs) {
            cross(output.name);
            hold(output.name, constants);
            outputs.push_back(output.name);
        }
        if (plan.seams.empty() || seams.count(graph_.inputs[0].name))
            throw Error(ErrorKind::Unsupported, "does not compute its answers from a picture");
        plan.tail = OnnxTail(tail, constants, plan.seams, outputs, graph_.opset);
        plan.body = body(plan.seams);
        std::transform(plan.seams.begin(), plan.seams.end(), plan.seams.begin(),
                       [this](const std::string& name) { return renamed(name); });
        return plan;
    }

    std::string whole() {
        std::string nodes, outputs;
        std::set<std::string> used;
        for (const OnnxNode& node : graph_.nodes) {
            used.insert(node.inputs.begin(), node.inputs.end());
            nodes += protoBytes(1, node.write());
        }
        for (const auto& output : graph_.outputs) {
            used.insert(output.name); // it may be a constant
            outputs += protoBytes(
                12, value(output.name, fold_.shapeOf(output.name), fold_.isWhole(output.name)));
        }
        return file(nodes, used, outputs);
    }

private:
    void hold(const std::string& name, std::map<std::string, Array>& constants) {
        if (const auto found = graph_.weights.find(name); found != graph_.weights.end())
            constants[name] = graph_.valueOf(found->second);
    }

    /// From the end to the start: a node is of the body when it has to be, or what it makes is
    /// needed there.
    void divide() {
        std::set<std::string> needed;
        for (const auto& output : graph_.outputs) {
            const auto shape = fold_.shapeOf(output.name);
            const std::size_t rank = shape ? shape->size() : output.known ? output.shape.size() : 0;
            if (rank == pictureRank) // mask prototypes, pictures: nothing to be put together
                needed.insert(output.name);
        }
        inBody_.assign(graph_.nodes.size(), false);
        for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
            const OnnxNode& node = graph_.nodes[i];
            const bool asked = std::any_of(node.outputs.begin(), node.outputs.end(),
                                           [&](const auto& name) { return needed.count(name); });
            if (!asked && !isHeavy(node))
                continue;
            inBody_[i] = true;
            needed.insert(node.inputs.begin(), node.inputs.end());
        }
    }

    bool isHeavy(const OnnxNode& node) const {
        if (!findOperator(node))
            return true;
        return oneOf(node.type, {"Conv", "MatMul"}) && !weighsBins(node);
    }

    /// The last step of a distribution over distances: its Softmax is close before, and one number
    /// is left of each.
    bool weighsBins(const OnnxNode& node) const {
        if (node.inputs.size() < 2)
            return false;
        const auto weight = graph_.weights.find(node.inputs[1]);
        if (weight == graph_.weights.end())
            return false;
        const Shape& shape = weight->second.shape;
        const bool one = node.type == "Conv"
                             ? shape.size() == 4 && shape[0] == 1
                             : shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
        std::string name = node.inputs[0];
        for (int steps = 0; one && steps < 5; steps++) {
            const auto made = makers_.find(name);
            if (made == makers_.end() || made->second->inputs.empty())
                return false;
            if (made->second->type == "Softmax")
                return true;
            if (!oneOf(made->second->type, {"Transpose", "Reshape", "Squeeze", "Unsqueeze"}))
                return false;
            name = made->second->inputs[0];
        }
        return false;
    }

    std::string body(const std::vector<std::string>& seams) {
        renames_ = true;
        std::string nodes;
        std::set<std::string> used;
        for (std::size_t i = 0; i < graph_.nodes.size(); i++) {
            if (!inBody_[i])
                continue;
            OnnxNode node = older(graph_.nodes[i]);
            node.name = {};
            used.insert(node.inputs.begin(), node.inputs.end());
            for (std::string& name : node.inputs)
                name = renamed(name);
            for (std::string& name : node.outputs)
                name = renamed(name);
            nodes += protoBytes(1, node.write());
        }
        std::string outputs;
        for (const std::string& seam : seams)
            outputs += protoBytes(
                12, value(renamed(seam), fold_.shapeOf(seam).value_or(Shape{1, 1, 1, 1}), false));
        return file(nodes, used, outputs);
    }

    /// Names of our own where OpenCV reads: 4.6 takes some, such as x_quantized, for a sign of its
    /// own int8 layers.
    std::string renamed(const std::string& name) {
        if (name.empty() || !renames_)
            return name;
        return "v" + std::to_string(numbers_.emplace(name, numbers_.size()).first->second);
    }

    std::string file(const std::string& nodes, const std::set<std::string>& used,
                     const std::string& outputs) {
        std::string weights;
        for (const std::string& name : used) {
            const auto found = graph_.weights.find(name);
            if (found == graph_.weights.end())
                continue;
            const OnnxWeight& w = found->second;
            weights += protoBytes(5, w.value.present() ? writeTensor(renamed(name), w.value)
                                                       : renamedTensor(w.proto, renamed(name)));
        }
        const std::string graph =
            nodes + protoBytes(2, "network") + weights +
            protoBytes(11, value(renamed(graph_.inputs[0].name), graph_.inputs[0].shape, false)) +
            outputs;
        return protoNumber(1, 7) + protoBytes(2, "video-stream") + protoBytes(7, graph) +
               protoBytes(8, protoBytes(1, "") +
                                 protoNumber(2, static_cast<std::uint64_t>(graph_.opset)));
    }

    static std::string renamedTensor(std::string_view proto, const std::string& name) {
        std::string out;
        for (ProtoWire wire(proto); wire.next();)
            if (wire.field() != 8)
                out += wire.whole();
        return out + protoBytes(8, name);
    }

    static std::string value(const std::string& name, const std::optional<Shape>& shape,
                             bool isWhole) {
        std::string dims;
        for (const std::int64_t d : shape.value_or(Shape()))
            dims += protoBytes(1, protoNumber(1, static_cast<std::uint64_t>(d)));
        return protoBytes(1, name) +
               protoBytes(2, protoBytes(1, protoNumber(1, isWhole ? onnxInt64 : onnxFloat) +
                                               (shape ? protoBytes(2, dims) : std::string())));
    }

    /// Operands that were attributes once, and that OpenCV 4.6 knows only as such.
    OnnxNode older(OnnxNode node) {
        if (node.type == "Split" || oneOf(node.type, {"Squeeze", "Unsqueeze"}) ||
            node.type.rfind("Reduce", 0) == 0) {
            const auto found = graph_.weights.find(node.inputs.size() > 1 ? node.inputs[1] : "");
            if (found != graph_.weights.end()) {
                attach(node, node.type == "Split" ? "split" : "axes",
                       graph_.valueOf(found->second).toIntegers());
                node.inputs.resize(1);
            }
        } else if (node.type == "Clip") {
            for (std::size_t i = 1; i < node.inputs.size() && i < 3; i++) {
                const auto found = graph_.weights.find(node.inputs[i]);
                if (found == graph_.weights.end())
                    continue;
                const auto bound = graph_.valueOf(found->second).toFloats();
                if (bound.size() == 1)
                    attach(node, i == 1 ? "min" : "max", bound[0]);
            }
            node.inputs.resize(1);
        }
        return node;
    }

    void attach(OnnxNode& node, const char* name, const std::vector<std::int64_t>& list) {
        std::string bytes = protoBytes(1, name);
        for (const std::int64_t v : list)
            bytes += protoNumber(8, static_cast<std::uint64_t>(v));
        attach(node, bytes + protoNumber(20, integersAttribute));
    }

    void attach(OnnxNode& node, const char* name, float number) {
        attach(node, protoBytes(1, name) + protoFloat(2, number) + protoNumber(20, floatAttribute));
    }

    void attach(OnnxNode& node, std::string bytes) {
        made_.push_back(std::move(bytes));
        OnnxAttribute a;
        a.bytes = made_.back();
        node.attributes.push_back(a);
    }

    OnnxGraph& graph_;
    const OnnxFold& fold_;
    std::map<std::string, const OnnxNode*> makers_;
    std::vector<bool> inBody_;
    bool renames_ = false;
    std::map<std::string, std::size_t> numbers_; ///< names of the body
    std::deque<std::string> made_; ///< attributes of our own; a deque moves none of them
};

} // namespace

OnnxPlan OnnxPlan::make(std::string_view bytes, const Shape& input) {
    OnnxGraph graph = OnnxGraph::parse(bytes);
    const OnnxFold fold(graph, input, bytes.size());
    recogniseSoftmax(graph);
    removeUnused(graph);
    return Divider(graph, fold).plan();
}

std::string asFloat32(std::string_view bytes, const Shape& input) {
    OnnxGraph graph = OnnxGraph::parse(bytes);
    const OnnxFold fold(graph, input, bytes.size());
    removeUnused(graph);
    return Divider(graph, fold).whole();
}

} // namespace infer
