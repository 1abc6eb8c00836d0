#include "infer/onnxops.hpp"
#include "infer/onnxwhole.hpp"

#include <cmath>
#include <map>

// Operators of two arrays, element by element; each is stretched to the shape of both.
namespace infer {
namespace {

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
    const Shape stepsX = stretchedStrides(a.shape(), shape);
    const Shape stepsY = stretchedStrides(b.shape(), shape);
    const std::size_t rank = shape.size();
    const std::int64_t inner = shape[rank - 1], stepX = stepsX[rank - 1], stepY = stepsY[rank - 1];
    std::vector<std::int64_t> at(rank, 0);
    std::int64_t offsetX = 0, offsetY = 0;
    for (std::size_t done = 0; done < count; done += static_cast<std::size_t>(inner)) {
        for (std::int64_t i = 0; i < inner; i++)
            out[done + static_cast<std::size_t>(i)] =
                f(x[offsetX + i * stepX], y[offsetY + i * stepY]);
        for (std::size_t d = rank - 1; d-- > 0;) {
            offsetX += stepsX[d];
            offsetY += stepsY[d];
            if (++at[d] < shape[d])
                break;
            offsetX -= stepsX[d] * shape[d];
            offsetY -= stepsY[d] * shape[d];
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

struct Minus {
    float operator()(float a, float b) const { return a - b; }
    std::int64_t operator()(std::int64_t a, std::int64_t b) const {
        return wrap(bits(a) - bits(b));
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

} // namespace

Operator findPairOperator(std::string_view type) {
    static const std::map<std::string_view, Operator> table = {
        {"Add", add},         {"And", both},
        {"Div", div},         {"Equal", equal},
        {"Greater", greater}, {"GreaterOrEqual", greaterOrEqual},
        {"Less", less},       {"LessOrEqual", lessOrEqual},
        {"Max", largest},     {"Min", smallest},
        {"Mod", mod},         {"Mul", mul},
        {"Or", either},       {"Pow", power},
        {"Sub", sub},
    };
    const auto found = table.find(type);
    return found == table.end() ? nullptr : found->second;
}

} // namespace infer
