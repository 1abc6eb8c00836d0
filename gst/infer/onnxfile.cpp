#include "infer/onnxfile.hpp"

#include "base/error.hpp"
#include "infer/array.hpp"
#include "infer/protowire.hpp"

#include <algorithm>

// Field numbers are those of onnx/onnx.proto, IR version 3 to 13: they only ever grow.
namespace infer {
namespace {

using base::Error;
using base::ErrorKind;

constexpr int maxDepth = 8;                       // of graphs within If and Loop
constexpr std::uint64_t maxElements = 1ull << 31; // of one weight, as protobuf's own bound of 2 GiB
/// Nodes, operands, attributes and their numbers, weights, inputs, outputs and notes together: two
/// bytes of a file can be a hundred in memory. The largest detectors have some 50000.
constexpr std::size_t maxParts = 1u << 20;

[[noreturn]] void bad(const std::string& why) { throw Error(ErrorKind::BadData, why); }

/// Bytes of one element in raw_data; 0 for strings and for the packed 4-bit types.
std::uint64_t elementBytes(std::uint64_t type) {
    switch (type) {
    case 1:
    case 6:
    case 12:
        return 4;
    case 2:
    case 3:
    case 9:
    case 17:
    case 18:
    case 19:
    case 20:
        return 1;
    case 4:
    case 5:
    case 10:
    case 16:
        return 2;
    case 7:
    case 11:
    case 13:
        return 8;
    default:
        return 0;
    }
}

std::uint64_t countVarints(std::string_view packed) {
    return static_cast<std::uint64_t>(std::count_if(packed.begin(), packed.end(), [](char byte) {
        return !(static_cast<unsigned char>(byte) & 0x80);
    }));
}

/// Numbers of a repeated field, packed or one by one.
void addDims(const ProtoWire& wire, std::vector<std::int64_t>& dims) {
    if (!wire.packed())
        dims.push_back(static_cast<std::int64_t>(wire.value()));
    for (ProtoWire packed(wire.bytes());
         wire.packed() && !packed.atEnd() && dims.size() <= maxRank;)
        dims.push_back(static_cast<std::int64_t>(packed.varint()));
    if (dims.size() > maxRank)
        bad("has a weight with too many axes");
}

struct Weight {
    std::string name;
    std::uint64_t type = 0;
};

Weight readWeight(std::string_view bytes) {
    Weight weight;
    std::vector<std::int64_t> dims;
    std::uint64_t typed = 0, raw = 0;
    bool hasRaw = false;
    for (ProtoWire wire(bytes); wire.next();) {
        switch (wire.field()) {
        case 1:
            addDims(wire, dims);
            break;
        case 2:
            weight.type = wire.value();
            break;
        case 4:
            typed += wire.bytes().size() / 4;
            break; // float_data
        case 5:
        case 7:
        case 11: // int32_data, int64_data, uint64_data
            typed += wire.packed() ? countVarints(wire.bytes()) : 1;
            break;
        case 8:
            weight.name = wire.bytes();
            break;
        case 9:
            raw = wire.bytes().size();
            hasRaw = true;
            break;
        case 10:
            typed += wire.bytes().size() / 8;
            break; // double_data
        case 13:
        case 14:
            if (wire.field() == 13 || wire.value() == 1)
                throw Error(ErrorKind::Unsupported,
                            "keeps its weights in a second file; export it as one file");
            break;
        default:
            break;
        }
    }
    std::uint64_t elements = 1;
    for (const std::int64_t d : dims) {
        if (d < 0 || static_cast<std::uint64_t>(d) > maxElements)
            bad("has a weight of an impossible size");
        elements *= static_cast<std::uint64_t>(d);
        if (elements > maxElements)
            bad("has a weight of an impossible size");
    }
    const std::uint64_t size = elementBytes(weight.type);
    const bool fits = hasRaw ? raw == elements * size && typed == 0 : typed == elements;
    if (size != 0 && !fits)
        bad("has a weight with fewer or more numbers than its shape says");
    return weight;
}

std::vector<std::int64_t> readShape(std::string_view bytes) {
    std::vector<std::int64_t> shape;
    for (ProtoWire wire(bytes); wire.next();) {
        if (wire.field() != 1)
            continue;
        std::int64_t size = -1; // a name or nothing in place of a number: known when it runs
        for (ProtoWire dim(wire.bytes()); dim.next();)
            if (dim.field() == 1 && static_cast<std::int64_t>(dim.value()) > 0)
                size = static_cast<std::int64_t>(dim.value());
        shape.push_back(size);
        if (shape.size() > maxRank)
            bad("has a value with too many axes");
    }
    return shape;
}

OnnxFile::Value readValue(std::string_view bytes) {
    OnnxFile::Value value;
    for (ProtoWire wire(bytes); wire.next();) {
        if (wire.field() == 1)
            value.tensor.name = wire.bytes();
        if (wire.field() != 2)
            continue;
        for (ProtoWire type(wire.bytes()); type.next();) {
            if (type.field() != 1) // a sequence or map: its type stays 0
                continue;
            for (ProtoWire tensor(type.bytes()); tensor.next();) {
                if (tensor.field() == 1)
                    value.type = static_cast<int>(std::min<std::uint64_t>(tensor.value(), 1000));
                if (tensor.field() == 2)
                    value.tensor.shape = readShape(tensor.bytes());
            }
        }
    }
    return value;
}

class Reader {
public:
    explicit Reader(OnnxFile& file) : file_(file) {}

    void model(std::string_view bytes) {
        bool network = false;
        for (ProtoWire wire(bytes); wire.next();) {
            switch (wire.field()) {
            case 1:
                file_.irVersion = static_cast<std::int64_t>(wire.value());
                break;
            case 2:
                file_.producer = wire.bytes();
                break;
            case 7:
                // One that comes in pieces is the sum of them, to everybody who reads it.
                network = true;
                graph(wire.bytes(), 0);
                break;
            case 8:
                opset(wire.bytes());
                break;
            case 14:
                metadata(wire.bytes());
                break;
            case 25:
                function(wire.bytes());
                break;
            default:
                break;
            }
        }
        if (file_.irVersion < 1 || file_.opset < 1 || !network)
            bad("is not an ONNX network");
        // Before IR version 4 the weights are listed among the inputs.
        auto& in = file_.inputs;
        in.erase(
            std::remove_if(in.begin(), in.end(),
                           [this](const auto& v) { return weights_.count(v.tensor.name) > 0; }),
            in.end());
        if (file_.operators.empty() || file_.inputs.empty() || file_.outputs.empty())
            bad("is an ONNX file without a network in it");
    }

private:
    void count(std::size_t parts = 1) {
        parts_ += parts;
        if (parts_ > maxParts)
            bad("has more parts than any network");
    }

    void opset(std::string_view bytes) {
        std::string_view domain;
        std::int64_t version = 0;
        for (ProtoWire wire(bytes); wire.next();) {
            if (wire.field() == 1)
                domain = wire.bytes();
            if (wire.field() == 2)
                version = static_cast<std::int64_t>(wire.value());
        }
        if (domain.empty() || domain == "ai.onnx")
            file_.opset = version;
    }

    void metadata(std::string_view bytes) {
        std::string key, value;
        for (ProtoWire wire(bytes); wire.next();) {
            if (wire.field() == 1)
                key = wire.bytes();
            if (wire.field() == 2)
                value = wire.bytes();
        }
        count();
        file_.metadata[key] = value;
    }

    void graph(std::string_view bytes, int depth) {
        if (depth > maxDepth)
            bad("nests its graphs too deeply");
        for (ProtoWire wire(bytes); wire.next();) {
            switch (wire.field()) {
            case 1:
                node(wire.bytes(), depth);
                break;
            case 5:
                weight(wire.bytes());
                break;
            case 15:
                sparse(wire.bytes());
                break;
            case 11:
                count();
                if (depth == 0)
                    file_.inputs.push_back(readValue(wire.bytes()));
                break;
            case 12:
                count();
                if (depth == 0)
                    file_.outputs.push_back(readValue(wire.bytes()));
                break;
            default:
                break;
            }
        }
    }

    void weight(std::string_view bytes) {
        count();
        const Weight read = readWeight(bytes);
        weights_.insert(read.name);
        file_.half = file_.half || read.type == OnnxFile::Float16;
    }

    /// A weight as the list of those of its numbers that are not 0, and where they are.
    void sparse(std::string_view bytes) {
        for (ProtoWire wire(bytes); wire.next();)
            if (wire.field() == 1 || wire.field() == 2)
                weight(wire.bytes());
    }

    /// An operator made of others.
    void function(std::string_view bytes) {
        for (ProtoWire wire(bytes); wire.next();)
            if (wire.field() == 7)
                node(wire.bytes(), 1);
    }

    void node(std::string_view bytes, int depth) {
        count();
        for (ProtoWire wire(bytes); wire.next();) {
            if (wire.field() < 6)
                count();
            if (wire.field() == 4)
                file_.operators.emplace(wire.bytes());
            if (wire.field() == 5)
                attribute(wire.bytes(), depth);
        }
    }

    void attribute(std::string_view bytes, int depth) {
        for (ProtoWire wire(bytes); wire.next();) {
            switch (wire.field()) {
            case 5:
            case 10:
                weight(wire.bytes());
                break; // t, tensors
            case 6:
            case 11:
                graph(wire.bytes(), depth + 1);
                break; // g, graphs
            case 7:
            case 8:
                count(wire.packed() ? wire.bytes().size() : 1);
                break; // floats, ints
            case 22:
            case 23:
                sparse(wire.bytes());
                break;
            default:
                break;
            }
        }
    }

    OnnxFile& file_;
    std::set<std::string> weights_;
    std::size_t parts_ = 0;
};

} // namespace

OnnxFile OnnxFile::parse(std::string_view bytes) {
    OnnxFile file;
    Reader(file).model(bytes);
    return file;
}

} // namespace infer
