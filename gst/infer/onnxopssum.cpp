#include "infer/onnxops.hpp"
#include "infer/onnxwhole.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

// Operators that add up along axes, or scale by what they find there.
namespace infer {
namespace {

Arrays softmax(const OpCall& c) {
    const Array& a = c.floats(0);
    if (a.rank() == 0)
        failOperator(c.node, "wants an axis");
    // Before opset 13 all axes from this one on are one.
    const std::size_t axis = OpCall::axis(c.node.integer("axis", c.opset < 13 ? 1 : -1), a.rank());
    Runs runs(a.shape(), axis);
    if (c.opset < 13 && axis + 1 < a.rank()) {
        runs.length *= runs.inner;
        runs.inner = 1;
    }
    std::vector<float> out(a.floats(), a.floats() + a.size());
    const auto length = static_cast<std::size_t>(runs.length);
    const auto inner = static_cast<std::size_t>(runs.inner);
    std::vector<float> most(inner), sum(inner);
    for (std::int64_t o = 0; o < runs.outer; o++) {
        float* const block = out.data() + o * runs.length * runs.inner;
        std::fill(most.begin(), most.end(), std::numeric_limits<float>::lowest());
        std::fill(sum.begin(), sum.end(), 0.0f);
        for (std::size_t k = 0; k < length; k++)
            for (std::size_t i = 0; i < inner; i++)
                most[i] = std::max(most[i], block[k * inner + i]);
        for (std::size_t k = 0; k < length; k++)
            for (std::size_t i = 0; i < inner; i++) {
                float& v = block[k * inner + i];
                v = std::exp(v - most[i]);
                sum[i] += v;
            }
        for (std::size_t k = 0; k < length; k++)
            for (std::size_t i = 0; i < inner; i++)
                block[k * inner + i] /= sum[i];
    }
    return {Array(a.shape(), std::move(out))};
}

template <class T, class F>
Array reduceAxis(const Array& a, std::size_t axis, T start, F f) {
    const Runs runs(a.shape(), axis);
    std::vector<T> out(static_cast<std::size_t>(runs.outer * runs.inner), start);
    const T* from = a.values<T>();
    for (std::int64_t o = 0; o < runs.outer; o++)
        for (std::int64_t k = 0; k < runs.length; k++) {
            T* const to = out.data() + o * runs.inner;
            for (std::int64_t i = 0; i < runs.inner; i++)
                to[i] = f(to[i], *from++);
        }
    Shape shape = a.shape();
    shape[axis] = 1;
    return {shape, std::move(out)};
}

Array withoutAxes(const Array& a, const std::vector<bool>& gone) {
    Shape shape;
    for (std::size_t i = 0; i < a.rank(); i++)
        if (!gone[i])
            shape.push_back(a.shape()[i]);
    return a.reshaped(shape);
}

template <class T, class F>
Arrays reduce(const OpCall& c, T start, F f, bool mean = false) {
    Array a = c.at(0);
    std::vector<std::int64_t> axes = c.list(1, "axes");
    if (axes.empty() && c.node.integer("noop_with_empty_axes", 0))
        return {a};
    std::vector<bool> gone(a.rank(), axes.empty());
    for (const std::int64_t axis : axes)
        gone[OpCall::axis(axis, a.rank())] = true;
    std::int64_t length = 1;
    for (std::size_t i = 0; i < gone.size(); i++)
        if (gone[i]) {
            length *= a.shape()[i];
            a = reduceAxis<T>(a, i, start, f);
        }
    if (mean && length > 0) {
        std::vector<T> values(a.values<T>(), a.values<T>() + a.size());
        for (T& v : values)
            v = v / static_cast<T>(length);
        a = Array(a.shape(), std::move(values));
    }
    return {c.node.integer("keepdims", 1) ? a : withoutAxes(a, gone)};
}

template <class F>
Arrays reduceEither(const OpCall& c, float start, std::int64_t first, F f, bool mean = false) {
    return c.at(0).integer() ? reduce<std::int64_t>(c, first, f, mean)
                             : reduce<float>(c, start, f, mean);
}

Arrays reduceSum(const OpCall& c) { return reduceEither(c, 0, 0, Plus()); }
Arrays reduceMean(const OpCall& c) { return reduceEither(c, 0, 0, Plus(), true); }
Arrays reduceProduct(const OpCall& c) { return reduceEither(c, 1, 1, Times()); }
Arrays reduceMax(const OpCall& c) {
    return reduceEither(c, -std::numeric_limits<float>::infinity(),
                        std::numeric_limits<std::int64_t>::min(),
                        [](auto a, auto b) { return b > a ? b : a; });
}
Arrays reduceMin(const OpCall& c) {
    return reduceEither(c, std::numeric_limits<float>::infinity(),
                        std::numeric_limits<std::int64_t>::max(),
                        [](auto a, auto b) { return b < a ? b : a; });
}

/// The operand's place in a product of matrices: batches x rows x columns.
Arrays product(const OpCall& c) {
    const Array &a = c.floats(0), &b = c.floats(1);
    if (a.rank() < 1 || b.rank() < 1)
        failOperator(c.node, "wants matrices");
    Shape left = a.shape(), right = b.shape();
    if (left.size() == 1)
        left.insert(left.begin(), 1);
    if (right.size() == 1)
        right.push_back(1);
    const std::int64_t rows = left[left.size() - 2], depth = left.back(), columns = right.back();
    if (right[right.size() - 2] != depth)
        failOperator(c.node, "has matrices that do not fit");
    const Shape batchA(left.begin(), left.end() - 2), batchB(right.begin(), right.end() - 2);
    Shape shape = broadcast(batchA, batchB);
    const Shape stepsA = stretchedStrides(batchA, shape), stepsB = stretchedStrides(batchB, shape);
    const std::int64_t batches = elementsOf(shape);
    const Shape steps = stridesOf(shape);
    const Shape batchShape = shape;
    shape.push_back(rows);
    shape.push_back(columns);
    WorkLimit::spend(elementsOf(shape) * depth);
    std::vector<float> out(static_cast<std::size_t>(elementsOf(shape)));
    for (std::int64_t n = 0; n < batches; n++) {
        std::int64_t atA = 0, atB = 0;
        for (std::size_t d = 0; d < batchShape.size(); d++) {
            const std::int64_t i = n / steps[d] % batchShape[d];
            atA += i * stepsA[d];
            atB += i * stepsB[d];
        }
        const float* const x = a.floats() + atA * rows * depth;
        const float* const y = b.floats() + atB * depth * columns;
        float* const z = out.data() + n * rows * columns;
        for (std::int64_t r = 0; r < rows; r++)
            for (std::int64_t k = 0; k < depth; k++)
                for (std::int64_t i = 0; i < columns; i++)
                    z[r * columns + i] += x[r * depth + k] * y[k * columns + i];
    }
    if (a.rank() == 1)
        shape.erase(shape.end() - 2);
    if (b.rank() == 1)
        shape.pop_back();
    return {Array(shape, std::move(out))};
}

/// A convolution that looks at one pixel: how the bins of a distance become a number.
Arrays pointwise(const OpCall& c) {
    const Array &a = c.floats(0), &w = c.floats(1);
    bool plain = a.rank() == 4 && w.rank() == 4 && w.shape()[2] == 1 && w.shape()[3] == 1 &&
                 c.node.integer("group", 1) == 1 && a.shape()[1] == w.shape()[1];
    for (const std::int64_t s : c.node.integers("strides"))
        plain = plain && s == 1;
    for (const std::int64_t p : c.node.integers("pads"))
        plain = plain && p == 0;
    if (!plain)
        failOperator(c.node, "is more than a sum over channels");
    const std::int64_t ins = w.shape()[1], outs = w.shape()[0];
    const std::int64_t pixels = a.shape()[2] * a.shape()[3];
    const Shape shape{a.shape()[0], outs, a.shape()[2], a.shape()[3]};
    WorkLimit::spend(elementsOf(shape) * ins);
    std::vector<float> out(static_cast<std::size_t>(elementsOf(shape)));
    for (std::int64_t n = 0; n < shape[0]; n++)
        for (std::int64_t o = 0; o < outs; o++) {
            float* const z = out.data() + (n * outs + o) * pixels;
            if (c.has(2) && static_cast<std::int64_t>(c.floats(2).size()) == outs)
                std::fill(z, z + pixels, c.floats(2).floats()[o]);
            for (std::int64_t i = 0; i < ins; i++) {
                const float weight = w.floats()[o * ins + i];
                const float* const x = a.floats() + (n * ins + i) * pixels;
                for (std::int64_t p = 0; p < pixels; p++)
                    z[p] += weight * x[p];
            }
        }
    return {Array(shape, std::move(out))};
}

/// y = (x - zero) * scale, for one scale or one for each place along the axis.
Arrays dequantize(const OpCall& c) {
    const Array &x = c.at(0), &scale = c.floats(1);
    std::vector<float> out = x.toFloats();
    std::size_t inner = 1, places = 1;
    if (scale.size() != 1) {
        const std::size_t axis = OpCall::axis(c.node.integer("axis", 1), x.rank());
        const Runs runs(x.shape(), axis);
        inner = static_cast<std::size_t>(runs.inner);
        places = static_cast<std::size_t>(runs.length);
        if (scale.size() != places)
            failOperator(c.node, "has another number of scales");
    }
    const std::vector<float> zero =
        c.has(2) ? c.at(2).toFloats() : std::vector<float>(places, 0.0f);
    if (zero.size() != places)
        failOperator(c.node, "has another number of zero points");
    for (std::size_t i = 0; i < out.size(); i++) {
        const std::size_t place = i / inner % places;
        out[i] = (out[i] - zero[place]) * scale.floats()[place];
    }
    return {Array(x.shape(), std::move(out))};
}

} // namespace

Operator findSumOperator(std::string_view type) {
    static const std::map<std::string_view, Operator> table = {
        {"Conv", pointwise},           {"DequantizeLinear", dequantize}, {"MatMul", product},
        {"ReduceMax", reduceMax},      {"ReduceMean", reduceMean},       {"ReduceMin", reduceMin},
        {"ReduceProd", reduceProduct}, {"ReduceSum", reduceSum},         {"Softmax", softmax},
    };
    const auto found = table.find(type);
    return found == table.end() ? nullptr : found->second;
}

} // namespace infer
