#include "infer/onnxgraph.hpp"

#include "infer/protowire.hpp"
#include "infer/protowriter.hpp"

#include <algorithm>
#include <cstring>
#include <set>

// Field numbers are those of onnx/onnx.proto.
namespace infer {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t maxNodes = 100000; // the deepest detectors have some thousand

void addIntegers(const ProtoWire& wire, std::vector<std::int64_t>& list) {
    if (!wire.packed())
        list.push_back(static_cast<std::int64_t>(wire.value()));
    else
        for (ProtoWire packed(wire.bytes()); !packed.atEnd();)
            list.push_back(static_cast<std::int64_t>(packed.varint()));
}

/// Little-endian numbers, one after the other; the host is little-endian wherever this is built.
template <class T>
std::vector<T> plain(std::string_view bytes) {
    std::vector<T> out(bytes.size() / sizeof(T));
    if (!out.empty())
        std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
    return out;
}

template <class T, class From>
std::vector<T> converted(const std::vector<From>& from) {
    std::vector<T> out(from.size());
    std::transform(from.begin(), from.end(), out.begin(), [](From v) { return static_cast<T>(v); });
    return out;
}

/// IEEE 754 binary16 to binary32.
float fromHalf(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
    const std::uint32_t exponent = (half >> 10) & 0x1Fu, fraction = half & 0x3FFu;
    std::uint32_t bits = sign;
    if (exponent == 31) {
        bits |= 0x7F800000u | fraction << 13;
    } else if (exponent != 0) {
        bits |= (exponent + 112) << 23 | fraction << 13;
    } else if (fraction != 0) {
        int shift = 0;
        std::uint32_t f = fraction;
        for (; !(f & 0x400u); f <<= 1)
            shift++;
        bits |= static_cast<std::uint32_t>(113 - shift) << 23 | (f & 0x3FFu) << 13;
    }
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

std::vector<float> halves(const std::vector<std::uint16_t>& from) {
    std::vector<float> out(from.size());
    std::transform(from.begin(), from.end(), out.begin(), fromHalf);
    return out;
}

struct TensorFields {
    Shape shape;
    std::uint64_t type = 0;
    std::string_view name, raw;
    std::string floats, doubles; ///< concatenated: these fields may come in pieces
    std::vector<std::int64_t> integers;
    bool hasRaw = false;
};

TensorFields tensorFields(std::string_view bytes, bool numbers) {
    TensorFields t;
    for (ProtoWire wire(bytes); wire.next();) {
        switch (wire.field()) {
        case 1:
            addIntegers(wire, t.shape);
            break;
        case 2:
            t.type = wire.value();
            break;
        case 4:
            if (numbers)
                t.floats += wire.bytes();
            break;
        case 5:
        case 7:
        case 11:
            if (numbers)
                addIntegers(wire, t.integers);
            break;
        case 8:
            t.name = wire.bytes();
            break;
        case 9:
            t.raw = wire.bytes();
            t.hasRaw = true;
            break;
        case 10:
            if (numbers)
                t.doubles += wire.bytes();
            break;
        default:
            break;
        }
    }
    return t;
}

template <class T>
std::vector<std::int64_t> integersOf(const TensorFields& t) {
    if (t.hasRaw)
        return converted<std::int64_t>(plain<T>(t.raw));
    return converted<std::int64_t>(converted<T>(t.integers));
}

OnnxAttribute readAttribute(std::string_view bytes) {
    OnnxAttribute a;
    a.bytes = bytes;
    for (ProtoWire wire(bytes); wire.next();) {
        switch (wire.field()) {
        case 1:
            a.name = wire.bytes();
            break;
        case 2:
            if (wire.bytes().size() == 4)
                a.real = plain<float>(wire.bytes())[0];
            break;
        case 3:
            a.integer = static_cast<std::int64_t>(wire.value());
            break;
        case 4:
            a.text = wire.bytes();
            break;
        case 5:
            a.tensor = wire.bytes();
            break;
        case 7:
            for (const float f : plain<float>(wire.bytes()))
                a.reals.push_back(f);
            break;
        case 8:
            addIntegers(wire, a.integers);
            break;
        default:
            break;
        }
    }
    return a;
}

OnnxGraph::Value readValue(std::string_view bytes) {
    OnnxGraph::Value value;
    for (ProtoWire wire(bytes); wire.next();) {
        if (wire.field() == 1)
            value.name = wire.bytes();
        if (wire.field() != 2)
            continue;
        for (ProtoWire type(wire.bytes()); type.next();)
            for (ProtoWire tensor(type.bytes()); tensor.next();) {
                if (tensor.field() != 2)
                    continue;
                value.known = true;
                for (ProtoWire dims(tensor.bytes()); dims.next();) {
                    std::int64_t size = -1;
                    for (ProtoWire dim(dims.bytes()); dim.next();)
                        if (dim.field() == 1 && static_cast<std::int64_t>(dim.value()) > 0)
                            size = static_cast<std::int64_t>(dim.value());
                    value.shape.push_back(size);
                }
            }
    }
    return value;
}

void readGraph(std::string_view bytes, OnnxGraph& graph) {
    for (ProtoWire wire(bytes); wire.next();) {
        switch (wire.field()) {
        case 1:
            graph.nodes.push_back(OnnxNode::parse(wire.bytes()));
            break;
        case 5: {
            const TensorFields t = tensorFields(wire.bytes(), false);
            if (!t.name.empty()) // that name means an operand which is left out
                graph.weights[std::string(t.name)] = {wire.bytes(), t.type, t.shape, {}};
            break;
        }
        case 11:
            graph.inputs.push_back(readValue(wire.bytes()));
            break;
        case 12:
            graph.outputs.push_back(readValue(wire.bytes()));
            break;
        default:
            break;
        }
        if (graph.nodes.size() > maxNodes)
            throw Error(ErrorKind::BadData, "has too many nodes");
    }
}

/// Each name is made once, and before it is used.
void checkOrder(const OnnxGraph& graph) {
    std::set<std::string_view> made;
    for (const auto& input : graph.inputs)
        made.insert(input.name);
    for (const auto& weight : graph.weights)
        made.insert(weight.first);
    for (const OnnxNode& node : graph.nodes) {
        for (const std::string& input : node.inputs)
            if (!input.empty() && !made.count(input))
                throw Error(ErrorKind::BadData, "uses a value that nothing before it makes");
        for (const std::string& output : node.outputs)
            if (!output.empty() && !made.insert(output).second)
                throw Error(ErrorKind::BadData, "makes a value twice");
    }
    for (const auto& output : graph.outputs)
        if (!made.count(output.name))
            throw Error(ErrorKind::BadData, "answers with a value that nothing makes");
}

} // namespace

const OnnxAttribute* OnnxNode::find(std::string_view wanted) const {
    const auto found = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const OnnxAttribute& a) { return a.name == wanted; });
    return found == attributes.end() ? nullptr : &*found;
}

std::int64_t OnnxNode::integer(std::string_view wanted, std::int64_t otherwise) const {
    const OnnxAttribute* const a = find(wanted);
    return a ? a->integer : otherwise;
}

float OnnxNode::real(std::string_view wanted, float otherwise) const {
    const OnnxAttribute* const a = find(wanted);
    return a ? a->real : otherwise;
}

std::vector<std::int64_t> OnnxNode::integers(std::string_view wanted) const {
    const OnnxAttribute* const a = find(wanted);
    return a ? a->integers : std::vector<std::int64_t>();
}

OnnxNode OnnxNode::parse(std::string_view bytes) {
    OnnxNode node;
    for (ProtoWire wire(bytes); wire.next();) {
        switch (wire.field()) {
        case 1:
            node.inputs.emplace_back(wire.bytes());
            break;
        case 2:
            node.outputs.emplace_back(wire.bytes());
            break;
        case 3:
            node.name = wire.bytes();
            break;
        case 4:
            node.type = wire.bytes();
            break;
        case 5:
            node.attributes.push_back(readAttribute(wire.bytes()));
            break;
        case 7:
            node.domain = wire.bytes();
            break;
        default:
            break;
        }
    }
    if (node.domain == "ai.onnx")
        node.domain.clear();
    return node;
}

std::string OnnxNode::write() const {
    std::string out;
    for (const std::string& input : inputs)
        out += protoBytes(1, input);
    for (const std::string& output : outputs)
        out += protoBytes(2, output);
    out += protoBytes(3, name) + protoBytes(4, type);
    for (const OnnxAttribute& a : attributes)
        out += protoBytes(5, a.bytes);
    return domain.empty() ? out : out + protoBytes(7, domain);
}

OnnxGraph OnnxGraph::parse(std::string_view bytes) {
    OnnxGraph graph;
    for (ProtoWire wire(bytes); wire.next();) {
        if (wire.field() == 7) {
            readGraph(wire.bytes(), graph);
        } else if (wire.field() == 8) {
            std::string_view domain;
            std::int64_t version = 0;
            for (ProtoWire opset(wire.bytes()); opset.next();) {
                if (opset.field() == 1)
                    domain = opset.bytes();
                if (opset.field() == 2)
                    version = static_cast<std::int64_t>(opset.value());
            }
            if (domain.empty() || domain == "ai.onnx")
                graph.opset = version;
        }
    }
    auto& in = graph.inputs;
    in.erase(std::remove_if(in.begin(), in.end(),
                            [&](const Value& v) { return graph.weights.count(v.name) > 0; }),
             in.end());
    checkOrder(graph);
    return graph;
}

const Array& OnnxGraph::valueOf(OnnxWeight& weight) const {
    if (!weight.value.present())
        weight.value = readTensor(weight.proto);
    return weight.value;
}

bool OnnxGraph::readable(const OnnxWeight& weight, std::int64_t most) {
    if (weight.value.present())
        return static_cast<std::int64_t>(weight.value.size()) <= most;
    std::int64_t count = 1;
    for (const std::int64_t d : weight.shape) {
        if (d < 0 || d > most)
            return false;
        count *= d;
        if (count > most)
            return false;
    }
    return (weight.type >= onnxFloat && weight.type <= onnxInt64) || weight.type == onnxBool ||
           (weight.type >= onnxFloat16 && weight.type <= onnxUint32);
}

Array readTensor(std::string_view proto) {
    elementsOf(tensorFields(proto, false).shape); // before memory is spent on them
    const TensorFields t = tensorFields(proto, true);
    switch (t.type) {
    case onnxFloat:
        return {t.shape, plain<float>(t.hasRaw ? t.raw : std::string_view(t.floats))};
    case onnxDouble:
        return {t.shape,
                converted<float>(plain<double>(t.hasRaw ? t.raw : std::string_view(t.doubles)))};
    case onnxFloat16:
        return {t.shape, halves(t.hasRaw ? plain<std::uint16_t>(t.raw)
                                         : converted<std::uint16_t>(t.integers))};
    case onnxUint8:
    case onnxBool:
        return {t.shape, integersOf<std::uint8_t>(t)};
    case onnxInt8:
        return {t.shape, integersOf<std::int8_t>(t)};
    case onnxUint16:
        return {t.shape, integersOf<std::uint16_t>(t)};
    case onnxInt16:
        return {t.shape, integersOf<std::int16_t>(t)};
    case onnxInt32:
        return {t.shape, integersOf<std::int32_t>(t)};
    case onnxUint32:
        return {t.shape, integersOf<std::uint32_t>(t)};
    case onnxInt64:
        return {t.shape, integersOf<std::int64_t>(t)};
    default:
        throw Error(ErrorKind::Unsupported, "has weights of a type that is not understood");
    }
}

std::string writeTensor(const std::string& name, const Array& value) {
    std::string out;
    for (const std::int64_t d : value.shape())
        out += protoNumber(1, static_cast<std::uint64_t>(d));
    out += protoNumber(2, value.integer() ? onnxInt64 : onnxFloat);
    out += protoBytes(8, name);
    const char* const data = value.integer() ? reinterpret_cast<const char*>(value.integers())
                                             : reinterpret_cast<const char*>(value.floats());
    const std::size_t width = value.integer() ? sizeof(std::int64_t) : sizeof(float);
    return out + protoBytes(9, std::string_view(data, value.size() * width));
}

} // namespace infer
