#include "infer/onnxops.hpp"
#include "infer/onnxwhole.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

// Operators of one array, element by element.
namespace infer {
namespace {

/// Floats to floats.
template <class F>
Arrays mapped(const OpCall& c, F f) {
    const Array& a = c.floats(0);
    std::vector<float> out(a.size());
    const float* const x = a.floats();
    for (std::size_t i = 0; i < out.size(); i++)
        out[i] = f(x[i]);
    return {Array(a.shape(), std::move(out))};
}

float sigmoid(float v) { return 1 / (1 + std::exp(-v)); }
float exponential(float v) { return std::exp(v); }
float logarithm(float v) { return std::log(v); }
float root(float v) { return std::sqrt(v); }
float reciprocal(float v) { return 1 / v; }
float hyperbolic(float v) { return std::tanh(v); }
float sine(float v) { return std::sin(v); }
float cosine(float v) { return std::cos(v); }
float arcus(float v) { return std::atan(v); }
float errorFunction(float v) { return std::erf(v); }
float down(float v) { return std::floor(v); }
float up(float v) { return std::ceil(v); }
float nearest(float v) { return std::nearbyint(v); }
float softplus(float v) { return v > 20 ? v : std::log1p(std::exp(v)); }

template <float (*f)(float)>
Arrays each(const OpCall& c) {
    return mapped(c, [](float v) { return f(v); });
}

template <class F>
Arrays mappedEither(const OpCall& c, F f) {
    const Array& a = c.at(0);
    if (!a.integer())
        return mapped(c, f);
    std::vector<std::int64_t> out = a.toIntegers();
    for (std::int64_t& v : out)
        v = f(v);
    return {Array(a.shape(), std::move(out))};
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

template <class F>
Arrays eachOfEither(const OpCall& c) {
    return mappedEither(c, F());
}

Arrays leaky(const OpCall& c) {
    const float slope = c.node.real("alpha", 0.01f);
    return mapped(c, [slope](float v) { return v < 0 ? slope * v : v; });
}
Arrays hardSigmoid(const OpCall& c) {
    const float alpha = c.node.real("alpha", 0.2f), beta = c.node.real("beta", 0.5f);
    return mapped(c, [=](float v) { return std::min(1.0f, std::max(0.0f, alpha * v + beta)); });
}
/// The bounds are attributes before opset 11.
Arrays clip(const OpCall& c) {
    float low = c.node.real("min", std::numeric_limits<float>::lowest());
    float high = c.node.real("max", std::numeric_limits<float>::max());
    if (c.has(1) && c.at(1).size() == 1)
        low = c.at(1).toFloats()[0];
    if (c.has(2) && c.at(2).size() == 1)
        high = c.at(2).toFloats()[0];
    return mappedEither(c, [=](auto v) {
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

} // namespace

Operator findEachOperator(std::string_view type) {
    static const std::map<std::string_view, Operator> table = {
        {"Abs", eachOfEither<Absolute>},
        {"Atan", each<arcus>},
        {"Ceil", each<up>},
        {"Clip", clip},
        {"Cos", each<cosine>},
        {"Erf", each<errorFunction>},
        {"Exp", each<exponential>},
        {"Floor", each<down>},
        {"HardSigmoid", hardSigmoid},
        {"LeakyRelu", leaky},
        {"Log", each<logarithm>},
        {"Neg", eachOfEither<Negative>},
        {"Not", eachOfEither<Opposite>},
        {"Reciprocal", each<reciprocal>},
        {"Relu", eachOfEither<Positive>},
        {"Round", each<nearest>},
        {"Sigmoid", each<sigmoid>},
        {"Sin", each<sine>},
        {"Softplus", each<softplus>},
        {"Sqrt", each<root>},
        {"Tanh", each<hyperbolic>},
    };
    const auto found = table.find(type);
    return found == table.end() ? nullptr : found->second;
}

} // namespace infer
