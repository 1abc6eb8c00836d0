#include "infer/onnxfold.hpp"

#include "infer/onnxops.hpp"
#include "infer/onnxshapes.hpp"
#include "infer/protowriter.hpp"

#include <algorithm>

namespace infer {
namespace {

constexpr std::int64_t spare = std::int64_t{1} << 22; ///< elements, beside what the file itself has
constexpr std::int64_t spareWork = std::int64_t{1} << 28; ///< steps, beside some for each of those

bool oneOf(const std::string& type, std::initializer_list<const char*> list) {
    return std::any_of(list.begin(), list.end(), [&](const char* name) { return type == name; });
}

constexpr std::uint64_t integerAttribute = 2;

/// A whole number becomes a float32 where it became a float16.
void castToFloat(OnnxNode& node) {
    static const std::string bytes =
        protoBytes(1, "to") + protoNumber(3, onnxFloat) + protoNumber(20, integerAttribute);
    OnnxAttribute to;
    to.name = "to";
    to.integer = onnxFloat;
    to.bytes = bytes;
    node.attributes = {to};
}

/// Whether the answer is whole numbers whatever goes in.
bool answersWhole(const OnnxNode& node) {
    if (node.type == "Cast") {
        const std::int64_t to = node.integer("to", 0);
        return to != onnxFloat && to != onnxFloat16 && to != onnxDouble;
    }
    return oneOf(node.type,
                 {"Shape", "Size", "ArgMax", "ArgMin", "NonZero", "NonMaxSuppression", "Equal",
                  "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Not"});
}

} // namespace

OnnxFold::OnnxFold(OnnxGraph& graph, const Shape& input, std::size_t fileBytes)
    : graph_(graph), elements_(spare + static_cast<std::int64_t>(fileBytes)),
      looks_(std::int64_t{1} << 30) {
    if (graph_.inputs.size() != 1)
        throw base::Error(base::ErrorKind::Unsupported, "wants more than one picture");
    graph_.inputs[0].shape = input;
    shapes_[graph_.inputs[0].name] = input;
    for (auto& [name, weight] : graph_.weights)
        if (weight.type == onnxFloat16 || weight.type == onnxDouble) {
            graph_.valueOf(weight);
            weight.type = onnxFloat;
        }
    const WorkLimit work(spareWork + 16 * static_cast<std::int64_t>(fileBytes));
    std::vector<OnnxNode> nodes;
    nodes.swap(graph_.nodes);
    for (OnnxNode& node : nodes)
        fold(std::move(node));
    for (auto& output : graph_.outputs)
        if (const auto found = aliases_.find(output.name); found != aliases_.end()) {
            // The name of an output has to stay: the last step is a copy after all.
            OnnxNode copy;
            copy.type = "Identity";
            copy.inputs = {found->second};
            copy.outputs = {output.name};
            if (const auto shape = shapeOf(found->second))
                shapes_[output.name] = *shape;
            left_.push_back(std::move(copy));
        }
    graph_.nodes = std::move(left_);
}

std::optional<Shape> OnnxFold::shapeOf(const std::string& name) const {
    if (const auto weight = graph_.weights.find(name); weight != graph_.weights.end())
        return weight->second.value.present() ? weight->second.value.shape() : weight->second.shape;
    const auto found = shapes_.find(name);
    return found == shapes_.end() ? std::nullopt : std::optional(found->second);
}

void OnnxFold::fold(OnnxNode node) {
    for (std::string& input : node.inputs)
        if (const auto found = aliases_.find(input); found != aliases_.end())
            input = found->second;
    if (undone(node) || shape(node) || compute(node))
        return;
    if (node.type == "Cast" && !answersWhole(node))
        castToFloat(node);
    follow(node);
    left_.push_back(std::move(node));
}

/// The numbers of a constant with no more elements than `most`, else no array.
Array OnnxFold::constant(const std::string& name, std::int64_t most) {
    const auto found = graph_.weights.find(name);
    if (found == graph_.weights.end() || !OnnxGraph::readable(found->second, most))
        return {};
    return graph_.valueOf(found->second);
}

void OnnxFold::define(const std::string& name, Array value) {
    elements_ -= static_cast<std::int64_t>(value.size());
    OnnxWeight weight;
    weight.type = value.integer() ? onnxInt64 : onnxFloat;
    weight.shape = value.shape();
    weight.value = std::move(value);
    graph_.weights[name] = std::move(weight);
}

void OnnxFold::alias(const OnnxNode& node, std::size_t input) {
    if (!node.outputs.empty())
        aliases_[node.outputs[0]] = node.inputs[input];
}

bool OnnxFold::isWhole(const std::string& name) const {
    if (const auto weight = graph_.weights.find(name); weight != graph_.weights.end())
        return weight->second.type != onnxFloat;
    return whole_.count(name) > 0;
}

/// Takes the operand `zero`, a quantised weight's zero point, from the operand `weight`.
void OnnxFold::floatWeight(OnnxNode& node, std::size_t weight, std::size_t zero) {
    const Array w = constant(node.inputs[weight], elements_);
    Array z = node.inputs.size() > zero ? constant(node.inputs[zero], 65536) : Array();
    if (!w.present())
        return;
    std::vector<float> values = w.toFloats();
    const std::vector<float> zeros =
        z.present() && z.size() > 0 ? z.toFloats() : std::vector<float>{0};
    const std::size_t run = std::max<std::size_t>(values.size() / zeros.size(), 1);
    for (std::size_t i = 0; i < values.size(); i++)
        values[i] -= zeros[std::min(i / run, zeros.size() - 1)];
    const std::string name = node.inputs[weight] + "/float";
    define(name, Array(w.shape(), std::move(values)));
    node.inputs[weight] = name;
}

/// What is left of a quantisation is that nothing lies outside its range: quantisers leave a ReLU
/// away where the range begins at 0. True where not even that is left.
bool OnnxFold::clamped(OnnxNode& node) {
    const Array scale = node.inputs.size() > 1 ? constant(node.inputs[1], 65536) : Array();
    const bool hasZero = node.inputs.size() > 2 && !node.inputs[2].empty();
    const Array zero = hasZero ? constant(node.inputs[2], 65536) : Array();
    const std::uint64_t type = zero.present() ? graph_.weights[node.inputs[2]].type : onnxUint8;
    if (!scale.present() || scale.size() != 1 || (hasZero && zero.size() != 1) ||
        (type != onnxUint8 && type != onnxInt8)) {
        alias(node);
        return true;
    }
    const float low = type == onnxUint8 ? 0 : -128, at = zero.present() ? zero.toFloats()[0] : 0;
    const float step = scale.toFloats()[0];
    const std::string name = node.outputs[0];
    define(name + "/least", Array({}, std::vector<float>{(low - at) * step}));
    define(name + "/most", Array({}, std::vector<float>{(low + 255 - at) * step}));
    node.type = "Clip";
    node.inputs = {node.inputs[0], name + "/least", name + "/most"};
    node.attributes.clear();
    return false;
}

/// Steps that lead to and from float16 and int8 and say nothing themselves.
bool OnnxFold::undone(OnnxNode& node) {
    if (node.inputs.empty() || node.outputs.empty() || !node.domain.empty())
        return false;
    const bool depends = !isConstant(node.inputs[0]);
    if (depends && oneOf(node.type, {"Identity", "Dropout"})) {
        alias(node);
        return true;
    }
    if (depends && node.type == "Cast" && !answersWhole(node) && !isWhole(node.inputs[0])) {
        alias(node);
        return true;
    }
    if (depends && node.type == "DequantizeLinear") {
        alias(node);
        return true;
    }
    if (depends && node.type == "QuantizeLinear")
        return clamped(node);
    if (depends && node.type == "DynamicQuantizeLinear") {
        alias(node);
        if (node.outputs.size() > 1)
            define(node.outputs[1], Array({}, std::vector<float>{1}));
        if (node.outputs.size() > 2)
            define(node.outputs[2], Array({}, std::vector<std::int64_t>{0}));
        return true;
    }
    if (depends && node.inputs.size() > 1 && oneOf(node.type, {"ConvInteger", "MatMulInteger"})) {
        node.type = node.type == "ConvInteger" ? "Conv" : "MatMul";
        if (isConstant(node.inputs[1]))
            floatWeight(node, 1, 3);
        node.inputs.resize(2);
    }
    return false;
}

/// Shape and Size of what is not constant itself.
bool OnnxFold::shape(const OnnxNode& node) {
    if (!oneOf(node.type, {"Shape", "Size"}) || node.inputs.size() != 1 || node.outputs.size() != 1)
        return false;
    const auto known = shapeOf(node.inputs[0]);
    if (!known)
        return false;
    if (node.type == "Size") {
        define(node.outputs[0], Array({}, std::vector<std::int64_t>{elementsOf(*known)}));
        return true;
    }
    const auto count = static_cast<std::int64_t>(known->size());
    const auto place = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(at < 0 ? at + count : at, 0, count);
    };
    const std::int64_t first = place(node.integer("start", 0));
    const std::int64_t last = std::max(first, place(node.integer("end", count)));
    define(node.outputs[0],
           Array({last - first},
                 std::vector<std::int64_t>(known->begin() + first, known->begin() + last)));
    return true;
}

bool OnnxFold::compute(const OnnxNode& node) {
    const Operator op = findOperator(node);
    if (!op || node.outputs.empty())
        return false;
    Arrays in;
    for (const std::string& input : node.inputs) {
        if (!input.empty() && !isConstant(input))
            return false;
        in.push_back(input.empty() ? Array() : constant(input, elements_));
        if (!input.empty() && !in.back().present())
            return false;
    }
    Arrays out;
    const ArrayLimit limit(std::max<std::int64_t>(elements_, 0));
    for (const Array& array : in)
        WorkLimit::spend(static_cast<std::int64_t>(array.size()));
    try {
        out = op({node, in, graph_.opset});
    } catch (const base::Error&) {
        return false; // whoever runs the network says what is wrong
    }
    for (std::size_t i = 0; i < node.outputs.size() && i < out.size(); i++)
        if (!node.outputs[i].empty())
            define(node.outputs[i], out[i]);
    if (elements_ < 0)
        throw base::Error(base::ErrorKind::BadData, "computes more constants than it can need");
    return true;
}

/// Keeps track of shapes and of which values are whole numbers.
void OnnxFold::follow(const OnnxNode& node) {
    std::vector<std::optional<Shape>> shapes;
    std::vector<Array> values;
    bool whole = answersWhole(node);
    for (const std::string& input : node.inputs) {
        shapes.push_back(input.empty() ? std::nullopt : shapeOf(input));
        values.push_back(input.empty() ? Array() : constant(input, 65536));
    }
    const bool moves = oneOf(node.type, {"Add",   "Sub",     "Mul",       "Div",
                                         "Mod",   "Concat",  "Reshape",   "Slice",
                                         "Split", "Squeeze", "Unsqueeze", "Transpose",
                                         "Tile",  "Expand",  "Gather",    "GatherElements",
                                         "Min",   "Max",     "Flatten",   "GatherND"});
    whole = whole || (moves && !node.inputs.empty() && isWhole(node.inputs[0]));
    const auto known = inferShapes(node, shapes, values, graph_.opset, looks_);
    for (std::size_t i = 0; i < node.outputs.size(); i++) {
        if (known[i])
            shapes_[node.outputs[i]] = *known[i];
        if (whole || (node.type == "TopK" && i == 1))
            whole_.insert(node.outputs[i]);
    }
}

} // namespace infer
