#pragma once

#include "infer/array.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace infer {

/// One attribute of a node. Borrows from the file.
struct OnnxAttribute {
    std::string_view name;
    std::int64_t integer = 0;
    float real = 0;
    std::string_view text;
    std::vector<std::int64_t> integers;
    std::vector<float> reals;
    std::string_view tensor; ///< TensorProto
    std::string_view bytes;  ///< all of it, as AttributeProto
};

struct OnnxNode {
    std::string type;   ///< "Conv"
    std::string domain; ///< empty for the standard operators
    std::string_view name;
    std::vector<std::string> inputs; ///< an empty name: left out
    std::vector<std::string> outputs;
    std::vector<OnnxAttribute> attributes;

    const OnnxAttribute* find(std::string_view name) const;
    std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    float real(std::string_view name, float otherwise) const;
    std::vector<std::int64_t> integers(std::string_view name) const;

    /// Of a NodeProto, from which it borrows.
    static OnnxNode parse(std::string_view bytes);
    /// As a NodeProto.
    std::string write() const;
};

/// A weight: as it stands in the file, and in numbers once somebody asked for them.
struct OnnxWeight {
    std::string_view proto; ///< TensorProto; empty for one that was computed here
    std::uint64_t type = 0; ///< TensorProto.DataType
    Shape shape;
    Array value; ///< present() once read
};

/// The network of an ONNX file, as far as it takes to rewrite it: names, nodes in order, weights.
/// Borrows from the bytes of the file, which must stay.
struct OnnxGraph {
    struct Value {
        std::string name;
        Shape shape;        ///< -1: not known
        bool known = false; ///< the file says a shape
    };

    std::int64_t opset = 0;
    std::vector<OnnxNode> nodes;
    std::map<std::string, OnnxWeight> weights;
    std::vector<Value> inputs; ///< without the weights
    std::vector<Value> outputs;

    /// `bytes` must have passed OnnxFile::parse(). Throws base::Error BadData when a name is used
    /// before it is made, as in a graph that goes in circles, or made twice.
    static OnnxGraph parse(std::string_view bytes);

    /// The numbers of a weight. Throws base::Error Unsupported for types without numbers and past
    /// `maxArrayElements`.
    const Array& valueOf(OnnxWeight& weight) const;

    /// Whether a weight can be read and has no more than `most` elements.
    static bool readable(const OnnxWeight& weight, std::int64_t most);
};

/// TensorProto.DataType, those that are read here.
enum OnnxType : std::uint64_t {
    onnxFloat = 1,
    onnxUint8 = 2,
    onnxInt8 = 3,
    onnxUint16 = 4,
    onnxInt16 = 5,
    onnxInt32 = 6,
    onnxInt64 = 7,
    onnxBool = 9,
    onnxFloat16 = 10,
    onnxDouble = 11,
    onnxUint32 = 12,
};

/// A TensorProto's numbers. Throws base::Error BadData or Unsupported.
Array readTensor(std::string_view proto);

/// An array as a TensorProto: float32 or int64.
std::string writeTensor(const std::string& name, const Array& value);

} // namespace infer
