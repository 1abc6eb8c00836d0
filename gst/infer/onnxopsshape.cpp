#include "infer/onnxops.hpp"

#include <algorithm>
#include <cmath>
#include <map>

// Operators that make arrays, tell their shape or give them another.
namespace infer {
namespace {

Arrays identity(const OpCall& c) { return {c.at(0)}; }

Arrays constant(const OpCall& c) {
    const OnnxNode& n = c.node;
    if (const auto* a = n.find("value"))
        return {readTensor(a->tensor)};
    if (const auto* a = n.find("value_int"))
        return {Array({}, std::vector<std::int64_t>{a->integer})};
    if (const auto* a = n.find("value_float"))
        return {Array({}, std::vector<float>{a->real})};
    if (const auto* a = n.find("value_ints"))
        return {Array({static_cast<std::int64_t>(a->integers.size())}, a->integers)};
    if (const auto* a = n.find("value_floats"))
        return {Array({static_cast<std::int64_t>(a->reals.size())}, a->reals)};
    failOperator(n, "has no numbers");
}

Arrays cast(const OpCall& c) {
    const Array& a = c.at(0);
    const auto to = static_cast<std::uint64_t>(c.node.integer("to", 0));
    const bool real = to == onnxFloat || to == onnxFloat16 || to == onnxDouble;
    if (!real && (to < onnxUint8 || to > onnxUint32 || to == 8))
        failOperator(c.node, "wants a type that is not understood");
    if (real != a.integer())
        return {a};
    if (real)
        return {Array(a.shape(), a.toFloats())};
    std::vector<std::int64_t> out = a.toIntegers();
    if (to == onnxBool)
        for (std::size_t i = 0; i < out.size(); i++)
            out[i] = a.floats()[i] != 0;
    return {Array(a.shape(), std::move(out))};
}

Arrays shapeOf(const OpCall& c) {
    const Shape& shape = c.at(0).shape();
    const auto rank = static_cast<std::int64_t>(shape.size());
    const auto place = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
    };
    const std::int64_t first = place(c.node.integer("start", 0));
    const std::int64_t last = std::max(first, place(c.node.integer("end", rank)));
    return {Array({last - first},
                  std::vector<std::int64_t>(shape.begin() + first, shape.begin() + last))};
}

Arrays sizeOf(const OpCall& c) {
    return {Array({}, std::vector<std::int64_t>{static_cast<std::int64_t>(c.at(0).size())})};
}

Arrays reshape(const OpCall& c) {
    const Array& a = c.at(0);
    Shape shape = c.list(1, "shape");
    std::int64_t known = 1, open = -1;
    for (std::size_t i = 0; i < shape.size(); i++) {
        if (shape[i] == 0 && !c.node.integer("allowzero", 0)) {
            if (i >= a.rank())
                failOperator(c.node, "keeps a size that is not there");
            shape[i] = a.shape()[i];
        }
        if (shape[i] == -1 && open < 0) {
            open = static_cast<std::int64_t>(i);
        } else {
            if (shape[i] < 0 || shape[i] > maxArrayElements)
                failOperator(c.node, "wants an impossible size");
            known *= shape[i];
            if (known > maxArrayElements)
                failOperator(c.node, "wants an impossible size");
        }
    }
    if (open >= 0)
        shape[static_cast<std::size_t>(open)] =
            known > 0 ? static_cast<std::int64_t>(a.size()) / known : 0;
    return {a.reshaped(std::move(shape))};
}

Arrays flatten(const OpCall& c) {
    const Array& a = c.at(0);
    const std::int64_t given = c.node.integer("axis", 1);
    const std::size_t axis =
        given == static_cast<std::int64_t>(a.rank()) ? a.rank() : OpCall::axis(given, a.rank());
    Shape shape{1, 1};
    for (std::size_t i = 0; i < a.rank(); i++)
        shape[i < axis ? 0 : 1] *= a.shape()[i];
    return {a.reshaped(shape)};
}

Arrays squeeze(const OpCall& c) {
    const Array& a = c.at(0);
    const auto axes = c.list(1, "axes");
    std::vector<bool> gone(a.rank(), false);
    for (std::size_t i = 0; i < a.rank() && axes.empty(); i++)
        gone[i] = a.shape()[i] == 1;
    for (const std::int64_t axis : axes)
        gone[OpCall::axis(axis, a.rank())] = true;
    Shape shape;
    for (std::size_t i = 0; i < a.rank(); i++)
        if (!gone[i])
            shape.push_back(a.shape()[i]);
    return {a.reshaped(shape)};
}

Arrays unsqueeze(const OpCall& c) {
    const Array& a = c.at(0);
    const auto axes = c.list(1, "axes");
    const std::size_t rank = a.rank() + axes.size();
    if (rank > maxRank)
        failOperator(c.node, "has too many axes");
    std::vector<bool> added(rank, false);
    for (const std::int64_t axis : axes)
        added[OpCall::axis(axis, rank)] = true;
    Shape shape;
    std::size_t from = 0;
    for (std::size_t i = 0; i < rank; i++)
        shape.push_back(added[i] || from >= a.rank() ? 1 : a.shape()[from++]);
    return {a.reshaped(shape)};
}

template <class T>
Array counted(T start, T limit, T step) {
    const double count = step == 0
                             ? -1
                             : std::ceil((static_cast<double>(limit) - static_cast<double>(start)) /
                                         static_cast<double>(step));
    if (!(count <= static_cast<double>(ArrayLimit::current())) || step == 0)
        throw base::Error(base::ErrorKind::BadData, "counts impossibly far");
    std::vector<T> out(count > 0 ? static_cast<std::size_t>(count) : 0);
    T value = start;
    for (T& v : out) {
        v = value;
        value = static_cast<T>(value + step);
    }
    const auto size = static_cast<std::int64_t>(out.size());
    return {{size}, std::move(out)};
}

Arrays range(const OpCall& c) {
    for (std::size_t i = 0; i < 3; i++)
        if (c.at(i).size() != 1 || c.at(i).integer() != c.at(0).integer())
            failOperator(c.node, "wants three numbers");
    const auto bounded = [&](std::int64_t v) {
        if (v < -(std::int64_t{1} << 40) || v > (std::int64_t{1} << 40))
            failOperator(c.node, "counts impossibly far");
        return v;
    };
    if (c.at(0).integer())
        return {counted<std::int64_t>(bounded(c.at(0).integers()[0]),
                                      bounded(c.at(1).integers()[0]),
                                      bounded(c.at(2).integers()[0]))};
    return {counted<float>(c.at(0).floats()[0], c.at(1).floats()[0], c.at(2).floats()[0])};
}

Arrays filled(const OpCall& c) {
    const Shape shape = c.integers(0).toIntegers();
    const auto count = static_cast<std::size_t>(elementsOf(shape));
    Array value({1}, std::vector<float>{0});
    if (const auto* a = c.node.find("value"))
        value = readTensor(a->tensor);
    if (value.size() != 1)
        failOperator(c.node, "wants one number");
    if (value.integer())
        return {Array(shape, std::vector<std::int64_t>(count, value.integers()[0]))};
    return {Array(shape, std::vector<float>(count, value.floats()[0]))};
}

} // namespace

Operator findShapeOperator(std::string_view type) {
    static const std::map<std::string_view, Operator> table = {
        {"Cast", cast},        {"Constant", constant}, {"ConstantOfShape", filled},
        {"Dropout", identity}, {"Flatten", flatten},   {"Identity", identity},
        {"Range", range},      {"Reshape", reshape},   {"Shape", shapeOf},
        {"Size", sizeOf},      {"Squeeze", squeeze},   {"Unsqueeze", unsqueeze},
    };
    const auto found = table.find(type);
    return found == table.end() ? nullptr : found->second;
}

} // namespace infer
