#include "infer/onnxops.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

// Operators that pick by number: indices, the best few, boxes without duplicates.
namespace infer {
namespace {

template <class T>
using Numbers = std::vector<T>;

/// An index of an axis of `size`, counted from the end when negative. Throws.
std::int64_t indexed(const OpCall& c, std::int64_t index, std::int64_t size) {
    if (index < -size || index >= size)
        failOperator(c.node, "picks what is not there");
    return index < 0 ? index + size : index;
}

template <class T>
Array gatherAs(const OpCall& c) {
    const Array &a = c.at(0), &which = c.integers(1);
    const std::size_t axis = OpCall::axis(c.node.integer("axis", 0), a.rank());
    const Runs runs(a.shape(), axis);
    Shape shape(a.shape().begin(), a.shape().begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), which.shape().begin(), which.shape().end());
    shape.insert(shape.end(), a.shape().begin() + static_cast<std::ptrdiff_t>(axis) + 1,
                 a.shape().end());
    Numbers<T> out;
    out.reserve(static_cast<std::size_t>(elementsOf(shape)));
    for (std::int64_t o = 0; o < runs.outer; o++)
        for (std::size_t i = 0; i < which.size(); i++) {
            const std::int64_t at = indexed(c, which.integers()[i], runs.length);
            const T* const from = a.values<T>() + (o * runs.length + at) * runs.inner;
            out.insert(out.end(), from, from + runs.inner);
        }
    return {shape, std::move(out)};
}

Arrays gather(const OpCall& c) {
    return {c.at(0).integer() ? gatherAs<std::int64_t>(c) : gatherAs<float>(c)};
}

template <class T>
Array gatherElementsAs(const OpCall& c) {
    const Array &a = c.at(0), &which = c.integers(1);
    const std::size_t axis = OpCall::axis(c.node.integer("axis", 0), a.rank());
    if (which.rank() != a.rank())
        failOperator(c.node, "picks with another rank");
    for (std::size_t i = 0; i < a.rank(); i++)
        if (i != axis && which.shape()[i] > a.shape()[i])
            failOperator(c.node, "picks what is not there");
    const Shape from = stridesOf(a.shape()), to = stridesOf(which.shape());
    Numbers<T> out(which.size());
    for (std::size_t i = 0; i < out.size(); i++) {
        std::int64_t at = 0;
        for (std::size_t d = 0; d < a.rank(); d++) {
            const std::int64_t place =
                d == axis ? indexed(c, which.integers()[i], a.shape()[d])
                          : static_cast<std::int64_t>(i) / to[d] % which.shape()[d];
            at += place * from[d];
        }
        out[i] = a.values<T>()[at];
    }
    return {which.shape(), std::move(out)};
}

Arrays gatherElements(const OpCall& c) {
    return {c.at(0).integer() ? gatherElementsAs<std::int64_t>(c) : gatherElementsAs<float>(c)};
}

/// Where each tuple of indices [..., k] points in `data`, and how many elements lie there.
struct Places {
    std::vector<std::int64_t> at;
    std::int64_t run = 1;
    Shape outer, inner;

    Places(const OpCall& c, const Array& data, const Array& which) {
        if (which.rank() == 0 || which.shape().back() < 1 ||
            which.shape().back() > static_cast<std::int64_t>(data.rank()) ||
            c.node.integer("batch_dims", 0) != 0)
            failOperator(c.node, "picks with another rank");
        const auto k = static_cast<std::size_t>(which.shape().back());
        const Shape steps = stridesOf(data.shape());
        outer.assign(which.shape().begin(), which.shape().end() - 1);
        inner.assign(data.shape().begin() + static_cast<std::ptrdiff_t>(k), data.shape().end());
        run = elementsOf(inner);
        for (std::size_t i = 0; i + k <= which.size(); i += k) {
            std::int64_t place = 0;
            for (std::size_t d = 0; d < k; d++)
                place += indexed(c, which.integers()[i + d], data.shape()[d]) * steps[d];
            at.push_back(place);
        }
    }
};

template <class T>
Array gatherNdAs(const OpCall& c) {
    const Array& a = c.at(0);
    const Places places(c, a, c.integers(1));
    Shape shape = places.outer;
    shape.insert(shape.end(), places.inner.begin(), places.inner.end());
    Numbers<T> out;
    out.reserve(static_cast<std::size_t>(elementsOf(shape)));
    for (const std::int64_t at : places.at)
        out.insert(out.end(), a.values<T>() + at, a.values<T>() + at + places.run);
    return {shape, std::move(out)};
}

Arrays gatherNd(const OpCall& c) {
    return {c.at(0).integer() ? gatherNdAs<std::int64_t>(c) : gatherNdAs<float>(c)};
}

template <class T>
Array scatterNdAs(const OpCall& c) {
    const Array &a = c.at(0), &updates = c.at(2);
    const Places places(c, a, c.integers(1));
    if (updates.integer() != a.integer() ||
        static_cast<std::int64_t>(updates.size()) !=
            static_cast<std::int64_t>(places.at.size()) * places.run)
        failOperator(c.node, "writes what does not fit");
    Numbers<T> out(a.values<T>(), a.values<T>() + a.size());
    const T* from = updates.values<T>();
    for (const std::int64_t at : places.at) {
        std::copy(from, from + places.run, out.begin() + at);
        from += places.run;
    }
    return {a.shape(), std::move(out)};
}

Arrays scatterNd(const OpCall& c) {
    return {c.at(0).integer() ? scatterNdAs<std::int64_t>(c) : scatterNdAs<float>(c)};
}

/// Whether `a` comes before `b`: NaN last, equal ones as they stood.
template <class T>
bool before(T a, T b, bool largest) {
    if (a != a || b != b)
        return a == a && b != b;
    return largest ? a > b : a < b;
}

template <class T>
Arrays topAs(const OpCall& c, std::size_t axis, std::int64_t k, bool largest) {
    const Array& a = c.at(0);
    const Runs runs(a.shape(), axis);
    Shape shape = a.shape();
    shape[axis] = k;
    const auto count = static_cast<std::size_t>(elementsOf(shape));
    Numbers<T> values(count);
    Numbers<std::int64_t> places(count);
    Numbers<std::int64_t> order(static_cast<std::size_t>(runs.length));
    for (std::int64_t o = 0; o < runs.outer; o++)
        for (std::int64_t i = 0; i < runs.inner; i++) {
            const T* const from = a.values<T>() + o * runs.length * runs.inner + i;
            const auto value = [&](std::int64_t n) { return from[n * runs.inner]; };
            std::iota(order.begin(), order.end(), 0);
            std::partial_sort(order.begin(), order.begin() + k, order.end(),
                              [&](std::int64_t x, std::int64_t y) {
                                  if (before(value(x), value(y), largest))
                                      return true;
                                  return !before(value(y), value(x), largest) && x < y;
                              });
            for (std::int64_t n = 0; n < k; n++) {
                const auto at = static_cast<std::size_t>((o * k + n) * runs.inner + i);
                values[at] = value(order[static_cast<std::size_t>(n)]);
                places[at] = order[static_cast<std::size_t>(n)];
            }
        }
    return {Array(shape, std::move(values)), Array(shape, std::move(places))};
}

Arrays top(const OpCall& c) {
    const Array& a = c.at(0);
    const std::size_t axis = OpCall::axis(c.node.integer("axis", -1), a.rank());
    std::int64_t k = c.node.integer("k", -1);
    if (c.has(1) && c.integers(1).size() == 1)
        k = c.integers(1).integers()[0];
    if (k < 0 || k > a.shape()[axis])
        failOperator(c.node, "wants more than there is");
    const bool largest = c.node.integer("largest", 1) != 0;
    return a.integer() ? topAs<std::int64_t>(c, axis, k, largest)
                       : topAs<float>(c, axis, k, largest);
}

Arrays best(const OpCall& c, bool largest) {
    const Array& a = c.at(0);
    const std::size_t axis = OpCall::axis(c.node.integer("axis", 0), a.rank());
    if (a.shape()[axis] < 1)
        failOperator(c.node, "looks for the best of none");
    Array found = (a.integer() ? topAs<std::int64_t>(c, axis, 1, largest)
                               : topAs<float>(c, axis, 1, largest))[1];
    if (!c.node.integer("keepdims", 1)) {
        Shape shape = found.shape();
        shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
        found = found.reshaped(shape);
    }
    return {found};
}

Arrays argMax(const OpCall& c) { return best(c, true); }
Arrays argMin(const OpCall& c) { return best(c, false); }

/// The places that are not 0: [rank, count].
Arrays nonZero(const OpCall& c) {
    const Array& a = c.at(0);
    Numbers<std::int64_t> found;
    for (std::size_t i = 0; i < a.size(); i++)
        if (a.integer() ? a.integers()[i] != 0 : a.floats()[i] != 0)
            found.push_back(static_cast<std::int64_t>(i));
    const Shape steps = stridesOf(a.shape());
    elementsOf({static_cast<std::int64_t>(a.rank()), static_cast<std::int64_t>(found.size())});
    Numbers<std::int64_t> out;
    for (std::size_t d = 0; d < a.rank(); d++)
        for (const std::int64_t i : found)
            out.push_back(i / steps[d] % a.shape()[d]);
    return {Array({static_cast<std::int64_t>(a.rank()), static_cast<std::int64_t>(found.size())},
                  std::move(out))};
}

struct Box {
    float left, top, right, bottom;

    /// [y1, x1, y2, x2] in any order of corners, or [cx, cy, w, h].
    Box(const float* v, bool centre) {
        left = centre ? v[0] - v[2] / 2 : std::min(v[1], v[3]);
        right = centre ? v[0] + v[2] / 2 : std::max(v[1], v[3]);
        top = centre ? v[1] - v[3] / 2 : std::min(v[0], v[2]);
        bottom = centre ? v[1] + v[3] / 2 : std::max(v[0], v[2]);
    }

    float area() const { return (right - left) * (bottom - top); }
    float overlap(const Box& o) const {
        const float w = std::min(right, o.right) - std::max(left, o.left);
        const float h = std::min(bottom, o.bottom) - std::max(top, o.top);
        const float common = w > 0 && h > 0 ? w * h : 0;
        const float all = area() + o.area() - common;
        return all > 0 ? common / all : 0;
    }
};

/// One class of one picture: numbers of the boxes that stay, best first.
Numbers<std::int64_t> kept(const float* boxes, const float* scores, std::int64_t count, bool centre,
                           std::size_t most, float iou, float threshold) {
    constexpr std::size_t looked = 4096; // the work grows with the square
    Numbers<std::int64_t> order;
    for (std::int64_t i = 0; i < count; i++)
        if (scores[i] > threshold)
            order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; });
    if (order.size() > looked)
        order.resize(looked);
    Numbers<std::int64_t> stay;
    for (const std::int64_t i : order) {
        if (stay.size() >= most)
            break;
        WorkLimit::spend(static_cast<std::int64_t>(stay.size()));
        const Box box(boxes + 4 * i, centre);
        if (std::none_of(stay.begin(), stay.end(), [&](std::int64_t k) {
                return box.overlap(Box(boxes + 4 * k, centre)) > iou;
            }))
            stay.push_back(i);
    }
    return stay;
}

Arrays suppress(const OpCall& c) {
    const Array &boxes = c.floats(0), &scores = c.floats(1);
    if (boxes.rank() != 3 || scores.rank() != 3 || boxes.shape()[2] != 4 ||
        scores.shape()[2] != boxes.shape()[1] || scores.shape()[0] != boxes.shape()[0])
        failOperator(c.node, "wants boxes and scores");
    const auto number = [&](std::size_t i, float otherwise) {
        return c.has(i) && c.at(i).size() == 1 ? c.at(i).toFloats()[0] : otherwise;
    };
    const bool centre = c.node.integer("center_point_box", 0) != 0;
    const float wanted = number(2, 0); // which may be no number
    const auto most = static_cast<std::size_t>(wanted > 0 ? std::min(wanted, 65536.0f) : 0);
    const float iou = number(3, 0), threshold = number(4, -std::numeric_limits<float>::infinity());
    const std::int64_t count = boxes.shape()[1], classes = scores.shape()[1];
    Numbers<std::int64_t> out;
    for (std::int64_t n = 0; n < boxes.shape()[0]; n++)
        for (std::int64_t k = 0; k < classes; k++)
            for (const std::int64_t i :
                 kept(boxes.floats() + n * count * 4, scores.floats() + (n * classes + k) * count,
                      count, centre, most, iou, threshold))
                out.insert(out.end(), {n, k, i});
    const auto rows = static_cast<std::int64_t>(out.size() / 3);
    return {Array({rows, 3}, std::move(out))};
}

} // namespace

Operator findPickOperator(std::string_view type) {
    static const std::map<std::string_view, Operator> table = {
        {"ArgMax", argMax},     {"ArgMin", argMin},
        {"Gather", gather},     {"GatherElements", gatherElements},
        {"GatherND", gatherNd}, {"NonMaxSuppression", suppress},
        {"NonZero", nonZero},   {"ScatterND", scatterNd},
        {"TopK", top},
    };
    const auto found = table.find(type);
    return found == table.end() ? nullptr : found->second;
}

} // namespace infer
