#include "infer/onnxops.hpp"

#include <algorithm>
#include <cstring>
#include <map>

// Operators that take numbers to other places and do not change them.
namespace infer {
namespace {

/// Calls `f` with a null pointer of the array's kind of number: f(static_cast<float*>(nullptr)).
template <class F>
Array ofItsKind(const Array& a, F f) {
    return a.integer() ? f(static_cast<const std::int64_t*>(nullptr))
                       : f(static_cast<const float*>(nullptr));
}

/// Reads `a` with other strides into a new array of `shape`: what transposing, slicing and
/// stretching have in common. `at` and every place reached from it must lie within `a`.
template <class T>
Array gathered(const Array& a, const Shape& shape, const Shape& steps, std::int64_t at) {
    const auto count = static_cast<std::size_t>(elementsOf(shape));
    std::vector<T> out(count);
    const T* const from = a.values<T>();
    if (count == 0)
        return {shape, std::move(out)};
    if (shape.empty()) {
        out[0] = from[at];
        return {shape, std::move(out)};
    }
    const std::size_t rank = shape.size();
    const std::int64_t inner = shape[rank - 1], step = steps[rank - 1];
    Shape index(rank, 0);
    for (std::size_t done = 0; done < count; done += static_cast<std::size_t>(inner)) {
        if (step == 1)
            std::memcpy(out.data() + done, from + at, static_cast<std::size_t>(inner) * sizeof(T));
        else
            for (std::int64_t i = 0; i < inner; i++)
                out[done + static_cast<std::size_t>(i)] = from[at + i * step];
        for (std::size_t d = rank - 1; d-- > 0;) {
            at += steps[d];
            if (++index[d] < shape[d])
                break;
            at -= steps[d] * shape[d];
            index[d] = 0;
        }
    }
    return {shape, std::move(out)};
}

Array gather(const Array& a, const Shape& shape, const Shape& steps, std::int64_t at = 0) {
    return ofItsKind(a, [&](auto* kind) {
        return gathered<std::remove_const_t<std::remove_pointer_t<decltype(kind)>>>(a, shape, steps,
                                                                                    at);
    });
}

Arrays transpose(const OpCall& c) {
    const Array& a = c.at(0);
    std::vector<std::int64_t> order = c.node.integers("perm");
    if (order.empty())
        for (std::size_t i = a.rank(); i-- > 0;)
            order.push_back(static_cast<std::int64_t>(i));
    if (order.size() != a.rank())
        failOperator(c.node, "orders other axes");
    const Shape own = stridesOf(a.shape());
    Shape shape, steps;
    std::vector<bool> used(a.rank(), false);
    for (const std::int64_t given : order) {
        const std::size_t axis = OpCall::axis(given, a.rank());
        if (used[axis])
            failOperator(c.node, "orders an axis twice");
        used[axis] = true;
        shape.push_back(a.shape()[axis]);
        steps.push_back(own[axis]);
    }
    return {gather(a, shape, steps)};
}

Arrays expand(const OpCall& c) {
    const Array& a = c.at(0);
    const Shape shape = broadcast(a.shape(), c.integers(1).toIntegers());
    return {gather(a, shape, stretchedStrides(a.shape(), shape))};
}

template <class T>
Array joined(const OpCall& c, const Shape& shape, std::size_t axis) {
    std::vector<T> out;
    out.reserve(static_cast<std::size_t>(elementsOf(shape)));
    std::size_t outer = 1;
    for (std::size_t i = 0; i < axis; i++)
        outer *= static_cast<std::size_t>(shape[i]);
    for (std::size_t o = 0; o < outer; o++)
        for (const Array& a : c.in) {
            const std::size_t run = a.size() / outer;
            const T* const from = a.values<T>() + o * run;
            out.insert(out.end(), from, from + run);
        }
    return {shape, std::move(out)};
}

Arrays concat(const OpCall& c) {
    const Array& first = c.at(0);
    const std::size_t axis = OpCall::axis(c.node.integer("axis", 1), first.rank());
    Shape shape = first.shape();
    shape[axis] = 0;
    for (std::size_t i = 0; i < c.in.size(); i++) {
        const Array& a = c.at(i);
        bool fits = a.rank() == first.rank() && a.integer() == first.integer();
        for (std::size_t d = 0; fits && d < a.rank(); d++)
            fits = d == axis || a.shape()[d] == first.shape()[d];
        if (!fits)
            failOperator(c.node, "joins what does not fit");
        shape[axis] += a.shape()[axis];
    }
    if (elementsOf(shape) == 0)
        return {ofItsKind(first, [&](auto* kind) {
            return Array(shape,
                         std::vector<std::remove_const_t<std::remove_pointer_t<decltype(kind)>>>());
        })};
    return {ofItsKind(first, [&](auto* kind) {
        return joined<std::remove_const_t<std::remove_pointer_t<decltype(kind)>>>(c, shape, axis);
    })};
}

/// `length` from `from` on along one axis.
Array part(const Array& a, std::size_t axis, std::int64_t from, std::int64_t length) {
    const Shape steps = stridesOf(a.shape());
    Shape shape = a.shape();
    shape[axis] = length;
    return gather(a, shape, steps, length > 0 ? from * steps[axis] : 0);
}

Arrays split(const OpCall& c) {
    const Array& a = c.at(0);
    if (a.rank() == 0)
        failOperator(c.node, "wants an axis");
    const std::size_t axis = OpCall::axis(c.node.integer("axis", 0), a.rank());
    std::vector<std::int64_t> sizes = c.list(1, "split");
    const auto parts = static_cast<std::int64_t>(c.node.outputs.size());
    if (sizes.empty()) {
        const std::int64_t each = (a.shape()[axis] + parts - 1) / std::max<std::int64_t>(parts, 1);
        std::int64_t rest = a.shape()[axis];
        for (std::int64_t i = 0; i < parts; i++, rest -= sizes.back())
            sizes.push_back(std::min(each, rest));
    }
    if (sizes.size() != c.node.outputs.size())
        failOperator(c.node, "has fewer or more sizes than outputs");
    Arrays out;
    std::int64_t at = 0;
    for (const std::int64_t size : sizes) {
        if (size < 0 || size > a.shape()[axis] - at)
            failOperator(c.node, "takes more than there is");
        out.push_back(part(a, axis, at, size));
        at += size;
    }
    return out;
}

Arrays slice(const OpCall& c) {
    const Array& a = c.at(0);
    const auto starts = c.list(1, "starts"), ends = c.list(2, "ends");
    auto axes = c.list(3, "axes");
    auto steps = c.has(4) ? c.integers(4).toIntegers() : std::vector<std::int64_t>();
    if (axes.empty())
        for (std::size_t i = 0; i < starts.size(); i++)
            axes.push_back(static_cast<std::int64_t>(i));
    if (steps.empty())
        steps.assign(starts.size(), 1);
    if (starts.size() != ends.size() || axes.size() != starts.size() ||
        steps.size() != starts.size())
        failOperator(c.node, "has lists of different lengths");
    const Shape own = stridesOf(a.shape());
    Shape shape = a.shape(), strides = own;
    std::int64_t at = 0;
    std::vector<bool> cut(a.rank(), false);
    for (std::size_t i = 0; i < starts.size(); i++) {
        const std::size_t axis = OpCall::axis(axes[i], a.rank());
        if (cut[axis]) // both would move the start, and past the end
            failOperator(c.node, "cuts an axis twice");
        cut[axis] = true;
        const std::int64_t size = a.shape()[axis], step = steps[i];
        if (step == 0 || step < -maxArrayElements || step > maxArrayElements)
            failOperator(c.node, "has an impossible step");
        // Bounds past the ends mean the ends.
        const auto place = [&](std::int64_t v, std::int64_t low, std::int64_t high) {
            return std::clamp(v < 0 ? std::max<std::int64_t>(v, -size - 1) + size : v, low, high);
        };
        const std::int64_t from =
            step > 0 ? place(starts[i], 0, size) : place(starts[i], -1, size - 1);
        const std::int64_t to = step > 0          ? place(ends[i], 0, size)
                                : ends[i] < -size ? -1
                                                  : place(ends[i], -1, size - 1);
        const std::int64_t span = step > 0 ? to - from : from - to;
        const std::int64_t pace = step > 0 ? step : -step;
        shape[axis] = span > 0 ? (span + pace - 1) / pace : 0;
        strides[axis] = own[axis] * step;
        at += from * own[axis];
    }
    if (elementsOf(shape) == 0)
        at = 0;
    return {gather(a, shape, strides, at)};
}

Arrays tile(const OpCall& c) {
    Array a = c.at(0);
    const auto repeats = c.integers(1).toIntegers();
    if (repeats.size() != a.rank())
        failOperator(c.node, "repeats other axes");
    for (std::size_t i = 0; i < repeats.size(); i++) {
        if (repeats[i] < 0 || repeats[i] > maxArrayElements)
            failOperator(c.node, "repeats impossibly often");
        Shape shape = a.shape();
        shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(i), repeats[i]);
        Shape steps = stridesOf(a.shape());
        steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(i), 0);
        Array stretched = gather(a, shape, steps);
        shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(i));
        shape[i] *= repeats[i];
        a = stretched.reshaped(shape);
    }
    return {a};
}

template <class T>
Array chosen(const Array& which, const Array& a, const Array& b) {
    std::vector<T> out(a.size());
    for (std::size_t i = 0; i < out.size(); i++)
        out[i] = which.integers()[i] ? a.values<T>()[i] : b.values<T>()[i];
    return {a.shape(), std::move(out)};
}

Array stretched(const Array& a, const Shape& shape) {
    if (a.shape() == shape)
        return a;
    return gather(a, shape, stretchedStrides(a.shape(), shape));
}

Arrays where(const OpCall& c) {
    const Array &which = c.integers(0), &a = c.at(1), &b = c.at(2);
    if (a.integer() != b.integer())
        failOperator(c.node, "mixes numbers of two kinds");
    const Shape shape = broadcast(which.shape(), broadcast(a.shape(), b.shape()));
    const Array w = stretched(which, shape), x = stretched(a, shape), y = stretched(b, shape);
    return {a.integer() ? chosen<std::int64_t>(w, x, y) : chosen<float>(w, x, y)};
}

} // namespace

Operator findMoveOperator(std::string_view type) {
    static const std::map<std::string_view, Operator> table = {
        {"Concat", concat}, {"Expand", expand},       {"Slice", slice}, {"Split", split},
        {"Tile", tile},     {"Transpose", transpose}, {"Where", where},
    };
    const auto found = table.find(type);
    return found == table.end() ? nullptr : found->second;
}

} // namespace infer
