#include "infer/onnxops.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

// Operators that compute element by element, and sums along axes.
namespace infer {
namespace {

/// Walks an output shape with up to two operands that are stretched to it.
struct Stretch {
    Shape shape, a, b; ///< sizes, and strides that are 0 along stretched axes

    Stretch(const Shape& out, const Shape& left, const Shape& right) : shape(out) {
        a = strides(left);
        b = strides(right);
    }

    Shape strides(const Shape& of) const {
        const Shape own = stridesOf(of);
        Shape out(shape.size(), 0);
        for (std::size_t i = 0; i < of.size(); i++)
            out[shape.size() - of.size() + i] = of[i] == 1 ? 0 : own[i];
        return out;
    }
};

template <class Out, class In, class F>
std::vector<Out> combine(const Array& a, const Array& b, const Shape& shape, F f) {
    const auto count = static_cast<std::size_t>(elementsOf(shape));
    std::vector<Out> out(count);
    const In *x = a.values<In>(), *y = b.values<In>();
    if (a.shape() == b.shape()) {
        for (std::size_t i = 0; i < count; i++)
            out[i] = f(x[i], y[i]);
        return out;
    }
    if (count == 0)
        return out;
    const Stretch s(shape, a.shape(), b.shape());
    const std::size_t rank = shape.size();
    const std::int64_t inner = shape[rank - 1], stepX = s.a[rank - 1], stepY = s.b[rank - 1];
    std::vector<std::int64_t> at(rank, 0);
    std::int64_t offsetX = 0, offsetY = 0;
    for (std::size_t done = 0; done < count; done += static_cast<std::size_t>(inner)) {
        for (std::int64_t i = 0; i < inner; i++)
            out[done + static_cast<std::size_t>(i)] =
                f(x[offsetX + i * stepX], y[offsetY + i * stepY]);
        for (std::size_t d = rank - 1; d-- > 0;) {
            offsetX += s.a[d];
            offsetY += s.b[d];
            if (++at[d] < shape[d])
                break;
            offsetX -= s.a[d] * shape[d];
            offsetY -= s.b[d] * shape[d];
            at[d] = 0;
        }
    }
    return out;
}

template <class F>
Arrays arithmetic(const OpCall& c, F f) {
    const Array &a = c.at(0), &b = c.at(1);
    const Shape shape = broadcast(a.shape(), b.shape());
    if (a.integer() != b.integer())
        failOperator(c.node, "mixes numbers of two kinds");
    if (a.integer())
        return {Array(shape, combine<std::int64_t, std::int64_t>(a, b, shape, f))};
    return {Array(shape, combine<float, float>(a, b, shape, f))};
}

template <class F>
Arrays comparison(const OpCall& c, F f) {
    const Array &a = c.at(0), &b = c.at(1);
    const Shape shape = broadcast(a.shape(), b.shape());
    if (a.integer() != b.integer())
        failOperator(c.node, "mixes numbers of two kinds");
    if (a.integer())
        return {Array(shape, combine<std::int64_t, std::int64_t>(a, b, shape, f))};
    return {Array(shape, combine<std::int64_t, float>(a, b, shape, f))};
}

// Whole numbers wrap around, as those of every engine do, and never overflow into the unknown.
std::int64_t wrap(std::uint64_t v) { return static_cast<std::int64_t>(v); }
std::uint64_t bits(std::int64_t v) { return static_cast<std::uint64_t>(v); }

struct Plus {
    float operator()(float a, float b) const { return a + b; }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        return wrap(bits(a) + bits(b));
    }
};
struct Minus {
    float operator()(float a, float b) const { return a - b; }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        return wrap(bits(a) - bits(b));
    }
};
struct Times {
    float operator()(float a, float b) const { return a * b; }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        return wrap(bits(a) * bits(b));
    }
};
struct Over {
    float operator()(float a, float b) const { return a / b; }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        return b == 0 ? 0 : b == -1 ? wrap(0 - bits(a)) : a / b;
    }
};
/// As Python has it: the sign is the divisor's.
struct Modulo {
    float operator()(float a, float b) const { return std::fmod(a, b); }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        if (b == 0 || b == -1)
            return 0;
        const std::int64_t r = a % b;
        return r != 0 && (r < 0) != (b < 0) ? r + b : r;
    }
};
struct Power {
    float operator()(float a, float b) const { return b == 2 ? a * a : std::pow(a, b); }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        return Array::whole(
            static_cast<float>(std::pow(static_cast<double>(a), static_cast<double>(b))));
    }
};

Arrays add(const OpCall& c) { return arithmetic(c, Plus()); }
Arrays sub(const OpCall& c) { return arithmetic(c, Minus()); }
Arrays mul(const OpCall& c) { return arithmetic(c, Times()); }
Arrays div(const OpCall& c) { return arithmetic(c, Over()); }
Arrays mod(const OpCall& c) { return arithmetic(c, Modulo()); }

/// The exponent may be of another kind than the base.
Arrays power(const OpCall& c) {
    Arrays in = c.in;
    if (c.has(0) && c.has(1) && c.at(0).integer() != c.at(1).integer())
        in[1] = in[0].integer() ? Array(in[1].shape(), in[1].toIntegers())
                                : Array(in[1].shape(), in[1].toFloats());
    return arithmetic({c.node, in, c.opset}, Power());
}

template <class F>
Arrays ofMany(const OpCall& c, F f) {
    Array all = c.at(0);
    for (std::size_t i = 1; i < c.in.size(); i++)
        all = arithmetic({c.node, {all, c.at(i)}, c.opset}, f)[0];
    return {all};
}

Arrays smallest(const OpCall& c) {
    return ofMany(c, [](auto a, auto b) { return b < a ? b : a; });
}
Arrays largest(const OpCall& c) {
    return ofMany(c, [](auto a, auto b) { return b > a ? b : a; });
}
Arrays equal(const OpCall& c) {
    return comparison(c, [](auto a, auto b) { return std::int64_t{a == b}; });
}
Arrays greater(const OpCall& c) {
    return comparison(c, [](auto a, auto b) { return std::int64_t{a > b}; });
}
Arrays less(const OpCall& c) {
    return comparison(c, [](auto a, auto b) { return std::int64_t{a < b}; });
}
Arrays greaterOrEqual(const OpCall& c) {
    return comparison(c, [](auto a, auto b) { return std::int64_t{a >= b}; });
}
Arrays lessOrEqual(const OpCall& c) {
    return comparison(c, [](auto a, auto b) { return std::int64_t{a <= b}; });
}
Arrays both(const OpCall& c) {
    return comparison(c, [](auto a, auto b) { return std::int64_t{a != 0 && b != 0}; });
}
Arrays either(const OpCall& c) {
    return comparison(c, [](auto a, auto b) { return std::int64_t{a != 0 || b != 0}; });
}

/// One operand, float to float.
template <class F>
Arrays each(const OpCall& c, F f) {
    const Array& a = c.floats(0);
    std::vector<float> out(a.size());
    const float* const x = a.floats();
    for (std::size_t i = 0; i < out.size(); i++)
        out[i] = f(x[i]);
    return {Array(a.shape(), std::move(out))};
}

template <class F>
Arrays eachOfEither(const OpCall& c, F f) {
    const Array& a = c.at(0);
    if (!a.integer())
        return each(c, f);
    std::vector<std::int64_t> out = a.toIntegers();
    for (std::int64_t& v : out)
        v = f(v);
    return {Array(a.shape(), std::move(out))};
}

float logistic(float v) { return 1 / (1 + std::exp(-v)); }

Arrays sigmoid(const OpCall& c) { return each(c, logistic); }
Arrays exponential(const OpCall& c) {
    return each(c, [](float v) { return std::exp(v); });
}
Arrays logarithm(const OpCall& c) {
    return each(c, [](float v) { return std::log(v); });
}
Arrays root(const OpCall& c) {
    return each(c, [](float v) { return std::sqrt(v); });
}
Arrays reciprocal(const OpCall& c) {
    return each(c, [](float v) { return 1 / v; });
}
Arrays hyperbolic(const OpCall& c) {
    return each(c, [](float v) { return std::tanh(v); });
}
Arrays sine(const OpCall& c) {
    return each(c, [](float v) { return std::sin(v); });
}
Arrays cosine(const OpCall& c) {
    return each(c, [](float v) { return std::cos(v); });
}
Arrays arcus(const OpCall& c) {
    return each(c, [](float v) { return std::atan(v); });
}
Arrays errorFunction(const OpCall& c) {
    return each(c, [](float v) { return std::erf(v); });
}
Arrays down(const OpCall& c) {
    return each(c, [](float v) { return std::floor(v); });
}
Arrays up(const OpCall& c) {
    return each(c, [](float v) { return std::ceil(v); });
}
Arrays nearest(const OpCall& c) {
    return each(c, [](float v) { return std::nearbyint(v); });
}
Arrays softplus(const OpCall& c) {
    return each(c, [](float v) { return v > 20 ? v : std::log1p(std::exp(v)); });
}
Arrays leaky(const OpCall& c) {
    const float slope = c.node.real("alpha", 0.01f);
    return each(c, [slope](float v) { return v < 0 ? slope * v : v; });
}
Arrays hardSigmoid(const OpCall& c) {
    const float alpha = c.node.real("alpha", 0.2f), beta = c.node.real("beta", 0.5f);
    return each(c, [=](float v) { return std::min(1.0f, std::max(0.0f, alpha * v + beta)); });
}
struct Negative {
    float operator()(float v) const { return -v; }
    std::int64_t operator()(std::int64_t v) const { return wrap(0 - bits(v)); }
};
struct Absolute {
    float operator()(float v) const { return std::fabs(v); }
    std::int64_t operator()(std::int64_t v) const { return v < 0 ? wrap(0 - bits(v)) : v; }
};
struct Positive {
    template <class T>
    T operator()(T v) const {
        return v > 0 ? v : T{0};
    }
};
struct Opposite {
    float operator()(float v) const { return v == 0 ? 1.0f : 0.0f; }
    std::int64_t operator()(std::int64_t v) const { return v == 0; }
};
Arrays negative(const OpCall& c) { return eachOfEither(c, Negative()); }
Arrays absolute(const OpCall& c) { return eachOfEither(c, Absolute()); }
Arrays relu(const OpCall& c) { return eachOfEither(c, Positive()); }
Arrays opposite(const OpCall& c) { return eachOfEither(c, Opposite()); }

/// The bounds are attributes before opset 11.
Arrays clip(const OpCall& c) {
    float low = c.node.real("min", std::numeric_limits<float>::lowest());
    float high = c.node.real("max", std::numeric_limits<float>::max());
    if (c.has(1) && c.at(1).size() == 1)
        low = c.at(1).toFloats()[0];
    if (c.has(2) && c.at(2).size() == 1)
        high = c.at(2).toFloats()[0];
    return eachOfEither(c, [=](auto v) {
        using T = decltype(v);
        if constexpr (std::is_same_v<T, float>)
            return v < low ? low : v > high ? high : v;
        else
            return std::clamp(v, Array::whole(low),
                              std::max(Array::whole(low), high > 9e18f
                                                              ? std::numeric_limits<T>::max()
                                                              : Array::whole(high)));
    });
}

/// An array as runs of `axis`: outer x length x inner.
struct Runs {
    std::size_t outer = 1, length = 1, inner = 1;

    Runs(const Shape& shape, std::size_t axis) {
        for (std::size_t i = 0; i < shape.size(); i++)
            (i < axis ? outer : i == axis ? length : inner) *= static_cast<std::size_t>(shape[i]);
    }
};

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
    std::vector<float> most(runs.inner), sum(runs.inner);
    for (std::size_t o = 0; o < runs.outer; o++) {
        float* const block = out.data() + o * runs.length * runs.inner;
        std::fill(most.begin(), most.end(), std::numeric_limits<float>::lowest());
        std::fill(sum.begin(), sum.end(), 0.0f);
        for (std::size_t k = 0; k < runs.length; k++)
            for (std::size_t i = 0; i < runs.inner; i++)
                most[i] = std::max(most[i], block[k * runs.inner + i]);
        for (std::size_t k = 0; k < runs.length; k++)
            for (std::size_t i = 0; i < runs.inner; i++) {
                float& v = block[k * runs.inner + i];
                v = std::exp(v - most[i]);
                sum[i] += v;
            }
        for (std::size_t k = 0; k < runs.length; k++)
            for (std::size_t i = 0; i < runs.inner; i++)
                block[k * runs.inner + i] /= sum[i];
    }
    return {Array(a.shape(), std::move(out))};
}

template <class T, class F>
Array reduceAxis(const Array& a, std::size_t axis, T start, F f) {
    const Runs runs(a.shape(), axis);
    std::vector<T> out(runs.outer * runs.inner, start);
    const T* from = a.values<T>();
    for (std::size_t o = 0; o < runs.outer; o++)
        for (std::size_t k = 0; k < runs.length; k++)
            for (std::size_t i = 0; i < runs.inner; i++) {
                T& v = out[o * runs.inner + i];
                v = f(v, *from++);
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
    double length = 1;
    for (std::size_t i = 0; i < gone.size(); i++)
        if (gone[i]) {
            length *= static_cast<double>(a.shape()[i]);
            a = reduceAxis<T>(a, i, start, f);
        }
    if (mean && length > 0) {
        std::vector<T> values(a.values<T>(), a.values<T>() + a.size());
        for (T& v : values)
            v = static_cast<T>(static_cast<double>(v) / length);
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
    const Stretch s(shape, batchA, batchB);
    const std::int64_t batches = elementsOf(shape);
    const Shape steps = stridesOf(shape);
    const Shape batchShape = shape;
    shape.push_back(rows);
    shape.push_back(columns);
    // Bounds the work as well as the memory: an attention has no place in here.
    if (batches * rows * columns * std::max<std::int64_t>(depth, 1) > (std::int64_t{1} << 32))
        failOperator(c.node, "is too large");
    std::vector<float> out(static_cast<std::size_t>(elementsOf(shape)));
    for (std::int64_t n = 0; n < batches; n++) {
        std::int64_t atA = 0, atB = 0;
        for (std::size_t d = 0; d < batchShape.size(); d++) {
            const std::int64_t i = n / steps[d] % batchShape[d];
            atA += i * s.a[d];
            atB += i * s.b[d];
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
    if (elementsOf(shape) > 0 &&
        elementsOf(shape) * std::max<std::int64_t>(ins, 1) > (std::int64_t{1} << 32))
        failOperator(c.node, "is too large");
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
        inner = runs.inner;
        places = runs.length;
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

Operator findMathOperator(std::string_view type) {
    static const std::map<std::string_view, Operator> table = {
        {"Abs", absolute},
        {"Add", add},
        {"And", both},
        {"Atan", arcus},
        {"Ceil", up},
        {"Clip", clip},
        {"Conv", pointwise},
        {"Cos", cosine},
        {"DequantizeLinear", dequantize},
        {"Div", div},
        {"Equal", equal},
        {"Erf", errorFunction},
        {"Exp", exponential},
        {"Floor", down},
        {"Greater", greater},
        {"GreaterOrEqual", greaterOrEqual},
        {"HardSigmoid", hardSigmoid},
        {"LeakyRelu", leaky},
        {"Less", less},
        {"LessOrEqual", lessOrEqual},
        {"Log", logarithm},
        {"MatMul", product},
        {"Max", largest},
        {"Min", smallest},
        {"Mod", mod},
        {"Mul", mul},
        {"Neg", negative},
        {"Not", opposite},
        {"Or", either},
        {"Pow", power},
        {"Reciprocal", reciprocal},
        {"ReduceMax", reduceMax},
        {"ReduceMean", reduceMean},
        {"ReduceMin", reduceMin},
        {"ReduceProd", reduceProduct},
        {"ReduceSum", reduceSum},
        {"Relu", relu},
        {"Round", nearest},
        {"Sigmoid", sigmoid},
        {"Sin", sine},
        {"Softmax", softmax},
        {"Softplus", softplus},
        {"Sqrt", root},
        {"Sub", sub},
        {"Tanh", hyperbolic},
    };
    const auto found = table.find(type);
    return found == table.end() ? nullptr : found->second;
}

} // namespace infer
