#include "infer/onnxcure.hpp"

#include "infer/protowire.hpp"
#include "infer/protowriter.hpp"

#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <vector>

namespace infer {
namespace {

constexpr std::uint64_t floatType = 1, int64Type = 7;
constexpr int boxSides = 4;

/// A weight or constant, borrowed.
struct Constant {
    std::string_view name;
    std::uint64_t type = 0;
    std::vector<std::int64_t> dims;
    std::string_view raw;
    std::vector<std::int64_t> integers; ///< int64_data, where not raw
};

void addIntegers(const ProtoWire& wire, std::vector<std::int64_t>& list) {
    if (wire.bytes().empty())
        list.push_back(static_cast<std::int64_t>(wire.value()));
    else
        for (ProtoWire packed(wire.bytes()); !packed.atEnd();)
            list.push_back(static_cast<std::int64_t>(packed.varint()));
}

Constant readConstant(std::string_view bytes) {
    Constant constant;
    for (ProtoWire wire(bytes); wire.next();) {
        switch (wire.field()) {
        case 1:
            addIntegers(wire, constant.dims);
            break;
        case 2:
            constant.type = wire.value();
            break;
        case 7:
            addIntegers(wire, constant.integers);
            break;
        case 8:
            constant.name = wire.bytes();
            break;
        case 9:
            constant.raw = wire.bytes();
            break;
        default:
            break;
        }
    }
    if (constant.type == int64Type && constant.integers.empty() && !constant.raw.empty()) {
        constant.integers.resize(constant.raw.size() / sizeof(std::int64_t));
        std::memcpy(constant.integers.data(), constant.raw.data(),
                    constant.integers.size() * sizeof(std::int64_t));
    }
    return constant;
}

struct Node {
    std::string_view type;
    std::vector<std::string_view> inputs;
    std::vector<std::string_view> outputs;
    std::string_view tensor; ///< of an attribute: the value of a Constant
};

Node readNode(std::string_view bytes) {
    Node node;
    for (ProtoWire wire(bytes); wire.next();) {
        switch (wire.field()) {
        case 1:
            node.inputs.push_back(wire.bytes());
            break;
        case 2:
            node.outputs.push_back(wire.bytes());
            break;
        case 4:
            node.type = wire.bytes();
            break;
        case 5:
            for (ProtoWire attribute(wire.bytes()); attribute.next();)
                if (attribute.field() == 5)
                    node.tensor = attribute.bytes();
            break;
        default:
            break;
        }
    }
    return node;
}

class Cure {
public:
    explicit Cure(std::string_view graph) : graph_(graph) {
        for (ProtoWire wire(graph_); wire.next();) {
            if (wire.field() == 5) {
                const Constant constant = readConstant(wire.bytes());
                constants_[constant.name] = constant;
            } else if (wire.field() == 1) {
                const Node node = readNode(wire.bytes());
                if (node.type == "Constant" && node.outputs.size() == 1 && !node.tensor.empty())
                    constants_[node.outputs[0]] = readConstant(node.tensor);
            } else if (wire.field() == 12) {
                addOutput(wire.bytes());
            }
        }
        for (ProtoWire wire(graph_); wire.next();)
            if (wire.field() == 1)
                findStrides(readNode(wire.bytes()));
    }

    /// The graph's message anew; empty where nothing changed.
    std::string run() {
        std::string out;
        for (ProtoWire wire(graph_); wire.next();) {
            std::string replaced;
            if (wire.field() == 1)
                replaced = split(wire.bytes());
            else if (wire.field() == 5)
                replaced = repeated(wire.bytes());
            changed_ = changed_ || !replaced.empty();
            out +=
                replaced.empty() ? std::string(wire.whole()) : protoBytes(wire.field(), replaced);
        }
        return changed_ ? out : std::string();
    }

private:
    /// Remembers N of an output [1,C,N].
    void addOutput(std::string_view value) {
        std::vector<std::int64_t> shape;
        for (ProtoWire info(value); info.next();)
            if (info.field() == 2)
                for (ProtoWire type(info.bytes()); type.next();)
                    for (ProtoWire tensor(type.bytes()); tensor.next();)
                        if (tensor.field() == 2)
                            for (ProtoWire dims(tensor.bytes()); dims.next();)
                                for (ProtoWire dim(dims.bytes()); dim.next();)
                                    if (dim.field() == 1)
                                        shape.push_back(static_cast<std::int64_t>(dim.value()));
        if (shape.size() == 3)
            candidates_.insert(shape[2]);
    }

    /// A factor [1,N] for as many candidates as an output has is the strides of the boxes. Were it
    /// something else, the proving forward would fail: the other factor would not have four rows.
    void findStrides(const Node& node) {
        if (node.type != "Mul")
            return;
        for (const std::string_view input : node.inputs) {
            const auto found = constants_.find(input);
            if (found != constants_.end() && found->second.type == floatType &&
                found->second.dims.size() == 2 && found->second.dims[0] == 1 &&
                candidates_.count(found->second.dims[1]) && !found->second.raw.empty())
                strides_.insert(input);
        }
    }

    std::string repeated(std::string_view weight) const {
        const Constant constant = readConstant(weight);
        if (!strides_.count(constant.name))
            return {};
        std::string raw;
        for (int side = 0; side < boxSides; side++)
            raw += constant.raw;
        return protoNumber(1, 1) + protoNumber(1, boxSides) +
               protoNumber(1, static_cast<std::uint64_t>(constant.dims[1])) +
               protoNumber(2, floatType) + protoBytes(8, constant.name) + protoBytes(9, raw);
    }

    std::string split(std::string_view bytes) const {
        const Node node = readNode(bytes);
        if (node.type != "Split" || node.inputs.size() != 2)
            return {};
        const auto sizes = constants_.find(node.inputs[1]);
        if (sizes == constants_.end() || sizes->second.integers.empty())
            return {};
        std::string out, attribute = protoBytes(1, "split");
        for (const std::int64_t size : sizes->second.integers)
            attribute += protoNumber(8, static_cast<std::uint64_t>(size));
        constexpr std::uint64_t intsAttribute = 7;
        attribute += protoNumber(20, intsAttribute);
        int inputs = 0;
        for (ProtoWire wire(bytes); wire.next();)
            if (wire.field() != 1 || inputs++ == 0)
                out += wire.whole();
        return out + protoBytes(5, attribute);
    }

    std::string_view graph_;
    std::map<std::string_view, Constant> constants_;
    std::set<std::int64_t> candidates_;
    std::set<std::string_view> strides_;
    bool changed_ = false;
};

} // namespace

std::string cureForOpenCv(std::string_view bytes) {
    std::string out;
    bool changed = false;
    for (ProtoWire wire(bytes); wire.next();) {
        const std::string graph = wire.field() == 7 ? Cure(wire.bytes()).run() : std::string();
        changed = changed || !graph.empty();
        out += graph.empty() ? std::string(wire.whole()) : protoBytes(7, graph);
    }
    return changed ? out : std::string();
}

} // namespace infer
