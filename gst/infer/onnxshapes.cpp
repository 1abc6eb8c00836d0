#include "infer/onnxshapes.hpp"

#include "infer/onnxops.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace infer {
namespace {

using Shapes = std::vector<std::optional<Shape>>;

struct Call {
    const OnnxNode& node;
    const Shapes& in;
    const std::vector<Array>& values;
    std::int64_t opset;
    std::int64_t& budget;

    const Shape& at(std::size_t i) const {
        if (i >= in.size() || !in[i])
            throw base::Error(base::ErrorKind::Unsupported, "unknown shape");
        return *in[i];
    }
    bool constant(std::size_t i) const { return i < values.size() && values[i].present(); }
};

/// Sizes past reason have no shape; products stay far from overflow.
std::int64_t sane(std::int64_t size) {
    if (size < 0 || size > maxArrayElements)
        throw base::Error(base::ErrorKind::Unsupported, "impossible size");
    return size;
}

std::int64_t item(const std::vector<std::int64_t>& list, std::size_t i, std::int64_t otherwise) {
    return i < list.size() ? std::clamp<std::int64_t>(list[i], -100000, 100000) : otherwise;
}

/// Convolutions and pools: height and width behind a moving window.
Shape windowed(const Call& c, const Shape& from, std::int64_t channels,
               const std::vector<std::int64_t>& kernel) {
    if (from.size() != 4)
        throw base::Error(base::ErrorKind::Unsupported, "not a picture");
    const auto strides = c.node.integers("strides"), pads = c.node.integers("pads"),
               dilations = c.node.integers("dilations");
    const auto* const automatic = c.node.find("auto_pad");
    const bool same = automatic && automatic->text.substr(0, 4) == "SAME";
    const bool up = c.node.integer("ceil_mode", 0) != 0;
    Shape out{from[0], sane(channels), 0, 0};
    for (std::size_t d = 0; d < 2; d++) {
        const std::int64_t stride = std::max<std::int64_t>(item(strides, d, 1), 1);
        const std::int64_t reach = (item(kernel, d, 1) - 1) * item(dilations, d, 1) + 1;
        const std::int64_t span =
            from[2 + d] + item(pads, d, 0) + item(pads, d + 2, 0) - reach + (up ? stride - 1 : 0);
        out[2 + d] = sane(same       ? (from[2 + d] + stride - 1) / stride
                          : span < 0 ? 0
                                     : span / stride + 1);
    }
    return out;
}

Shape transposedConvolution(const Call& c) {
    const Shape &from = c.at(0), &w = c.at(1);
    if (from.size() != 4 || w.size() != 4)
        throw base::Error(base::ErrorKind::Unsupported, "not a picture");
    const auto strides = c.node.integers("strides"), pads = c.node.integers("pads"),
               extra = c.node.integers("output_padding");
    Shape out{from[0], sane(w[1] * std::clamp<std::int64_t>(c.node.integer("group", 1), 1, 65536)),
              0, 0};
    for (std::size_t d = 0; d < 2; d++)
        out[2 + d] = sane((from[2 + d] - 1) * item(strides, d, 1) + w[2 + d] - item(pads, d, 0) -
                          item(pads, d + 2, 0) + item(extra, d, 0));
    return out;
}

Shape resized(const Call& c) {
    Shape out = c.at(0);
    const std::size_t scales = c.node.type == "Upsample" || c.opset < 11 ? 1 : 2;
    if (c.constant(3) && c.values[3].size() == out.size()) {
        const auto sizes = c.values[3].toIntegers();
        std::transform(sizes.begin(), sizes.end(), out.begin(), sane);
        return out;
    }
    std::vector<float> by;
    if (c.constant(scales))
        by = c.values[scales].toFloats();
    else if (const auto* a = c.node.find("scales"))
        by = a->reals;
    if (by.size() != out.size())
        throw base::Error(base::ErrorKind::Unsupported, "unknown scale");
    for (std::size_t i = 0; i < out.size(); i++)
        out[i] = sane(Array::whole(std::floor(static_cast<float>(out[i]) * by[i])));
    return out;
}

Shape multiplied(const Call& c) {
    const Shape &a = c.at(0), &b = c.at(1);
    if (a.size() < 2 || b.size() < 2)
        throw base::Error(base::ErrorKind::Unsupported, "not matrices");
    Shape out = broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
    out.push_back(a[a.size() - 2]);
    out.push_back(b.back());
    return out;
}

Shape padded(const Call& c) {
    Shape out = c.at(0);
    const auto pads = c.constant(1) ? c.values[1].toIntegers() : c.node.integers("pads");
    if (pads.size() != 2 * out.size())
        throw base::Error(base::ErrorKind::Unsupported, "unknown padding");
    for (std::size_t i = 0; i < out.size(); i++)
        out[i] = sane(out[i] + item(pads, i, 0) + item(pads, i + out.size(), 0));
    return out;
}

/// Operators that only move numbers: seen on an array of nothing but a shape.
Shapes moved(const Call& c) {
    const ArrayLimit limit(std::max<std::int64_t>(std::min(c.budget, std::int64_t{1} << 24), 0));
    std::vector<Array> in;
    for (std::size_t i = 0; i < c.in.size(); i++) {
        if (c.constant(i)) {
            in.push_back(c.values[i]);
        } else if (c.node.inputs[i].empty()) {
            in.emplace_back();
        } else {
            // Whatever the numbers are: shapes are all that is looked at. Freed at once.
            const Shape& shape = c.at(i);
            c.budget -= std::max<std::int64_t>(elementsOf(shape), 1);
            if (c.budget < 0)
                throw base::Error(base::ErrorKind::Unsupported, "too large to look at");
            in.emplace_back(shape, std::vector<float>(static_cast<std::size_t>(elementsOf(shape))));
        }
    }
    const Operator op = findOperator(c.node);
    Shapes out;
    for (const Array& a : op({c.node, in, c.opset}))
        out.emplace_back(a.shape());
    return out;
}

bool inTable(const std::string& type, std::initializer_list<const char*> table) {
    return std::any_of(table.begin(), table.end(), [&](const char* name) { return type == name; });
}

Shapes infer(const Call& c) {
    const std::string& type = c.node.type;
    if (!c.node.domain.empty())
        return {}; // somebody's own operator, whatever its name
    if (inTable(type, {"Relu",
                       "LeakyRelu",
                       "Sigmoid",
                       "HardSigmoid",
                       "HardSwish",
                       "Mish",
                       "Exp",
                       "Log",
                       "Sqrt",
                       "Tanh",
                       "Erf",
                       "Softplus",
                       "Softmax",
                       "Clip",
                       "Elu",
                       "Gelu",
                       "BatchNormalization",
                       "InstanceNormalization",
                       "LayerNormalization",
                       "PRelu",
                       "Identity",
                       "Dropout",
                       "Neg",
                       "Abs",
                       "Cast",
                       "Pow",
                       "Reciprocal",
                       "Sin",
                       "Cos",
                       "Floor",
                       "Ceil",
                       "Round",
                       "Not",
                       "QuantizeLinear",
                       "DequantizeLinear",
                       "DynamicQuantizeLinear",
                       "Celu",
                       "Selu",
                       "Swish"}))
        return {c.at(0)};
    if (inTable(type, {"Add", "Sub", "Mul", "Div", "Max", "Min", "Equal", "Greater", "Less"}))
        return {broadcast(c.at(0), c.at(1))};
    if (type == "Conv" || type == "ConvInteger") {
        const Shape& w = c.at(1);
        if (w.size() != 4)
            return {};
        return {windowed(c, c.at(0), w[0], {w[2], w[3]})};
    }
    if (type == "ConvTranspose")
        return {transposedConvolution(c)};
    if (type == "MaxPool" || type == "AveragePool")
        return {windowed(c, c.at(0), c.at(0).size() > 1 ? c.at(0)[1] : 0,
                         c.node.integers("kernel_shape"))};
    if (type == "GlobalAveragePool" || type == "GlobalMaxPool") {
        Shape out = c.at(0);
        std::fill(out.begin() + std::min<std::ptrdiff_t>(2, std::ptrdiff_t(out.size())), out.end(),
                  1);
        return {out};
    }
    if (type == "Resize" || type == "Upsample")
        return {resized(c)};
    if (type == "MatMul" || type == "MatMulInteger")
        return {multiplied(c)};
    if (type == "Pad")
        return {padded(c)};
    if (inTable(type, {"Concat", "Expand", "Flatten", "Gather", "ReduceMax", "ReduceMean",
                       "ReduceMin", "ReduceSum", "Reshape", "Slice", "Split", "Squeeze", "Tile",
                       "Transpose", "Unsqueeze"}))
        return moved(c);
    return {};
}

} // namespace

Shapes inferShapes(const OnnxNode& node, const Shapes& shapes, const std::vector<Array>& values,
                   std::int64_t opset, std::int64_t& budget) {
    Shapes out;
    try {
        out = infer({node, shapes, values, opset, budget});
        for (const auto& shape : out)
            if (shape)
                elementsOf(*shape);
    } catch (const base::Error&) {
        out.clear(); // not known, which is no error
    }
    out.resize(node.outputs.size());
    return out;
}

} // namespace infer
