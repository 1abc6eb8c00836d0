#include "infer/onnxops.hpp"

#include <algorithm>

namespace infer {

void failOperator(const OnnxNode& node, const char* why) {
    throw base::Error(base::ErrorKind::BadData,
                      "has an operator " + node.type.substr(0, 40) + " that " + why);
}

const Array& OpCall::at(std::size_t i) const {
    if (!has(i))
        failOperator(node, "lacks an operand");
    return in[i];
}

const Array& OpCall::floats(std::size_t i) const {
    if (at(i).integer())
        failOperator(node, "wants other numbers");
    return in[i];
}

const Array& OpCall::integers(std::size_t i) const {
    if (!at(i).integer())
        failOperator(node, "wants other numbers");
    return in[i];
}

std::vector<std::int64_t> OpCall::list(std::size_t i, std::string_view attribute) const {
    return has(i) ? integers(i).toIntegers() : node.integers(attribute);
}

std::size_t OpCall::axis(std::int64_t given, std::size_t rank) {
    const auto r = static_cast<std::int64_t>(rank);
    if (given < -r || given >= r)
        throw base::Error(base::ErrorKind::BadData, "names an axis that is not there");
    return static_cast<std::size_t>(given < 0 ? given + r : given);
}

Shape broadcast(const Shape& a, const Shape& b) {
    Shape out(std::max(a.size(), b.size()), 1);
    for (std::size_t i = 0; i < out.size(); i++) {
        const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
        const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (x != y && x != 1 && y != 1)
            throw base::Error(base::ErrorKind::BadData, "combines sizes that do not fit");
        out[out.size() - 1 - i] = x == 1 ? y : x;
    }
    elementsOf(out);
    return out;
}

Shape stridesOf(const Shape& shape) {
    Shape strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;)
        strides[i - 1] = strides[i] * shape[i];
    return strides;
}

Shape stretchedStrides(const Shape& shape, const Shape& wide) {
    const Shape own = stridesOf(shape);
    Shape strides(wide.size(), 0);
    for (std::size_t i = 0; i < shape.size(); i++)
        strides[wide.size() - shape.size() + i] = shape[i] == 1 ? 0 : own[i];
    return strides;
}

Operator findOperator(const OnnxNode& node) {
    if (!node.domain.empty())
        return nullptr;
    for (const auto& table : {findPairOperator, findEachOperator, findSumOperator,
                              findShapeOperator, findMoveOperator, findPickOperator})
        if (const Operator found = table(node.type))
            return found;
    return nullptr;
}

} // namespace infer
