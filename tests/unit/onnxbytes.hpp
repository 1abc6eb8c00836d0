#pragma once

#include "infer/protowriter.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// ONNX files by hand, good and bad: fields of onnx/onnx.proto as bytes, to be put one after the
/// other.
namespace onnxbytes {

inline std::string number(std::uint64_t field, std::uint64_t value) {
    return infer::protoNumber(field, value);
}

inline std::string data(std::uint64_t field, const std::string& value) {
    return infer::protoBytes(field, value);
}

/// A size of 0 is an open one.
inline std::string shape(const std::vector<std::uint64_t>& dims) {
    std::string out;
    for (const std::uint64_t d : dims)
        out += data(1, d ? number(1, d) : data(2, "N"));
    return data(2, out);
}

inline std::string value(const std::string& name, const std::vector<std::uint64_t>& dims,
                         int type = 1) {
    return data(1, name) + data(2, data(1, number(1, std::uint64_t(type)) + shape(dims)));
}

/// What a graph holds: a node, an input, an output.
inline std::string node(const std::string& type, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::string& rest = {}) {
    std::string out;
    for (const std::string& input : inputs)
        out += data(1, input);
    for (const std::string& output : outputs)
        out += data(2, output);
    return data(1, out + data(4, type) + rest);
}

inline std::string relu(const std::string& from, const std::string& to) {
    return node("Relu", {from}, {to});
}

inline std::string input(const std::string& name, const std::vector<std::uint64_t>& dims,
                         int type = 1) {
    return data(11, value(name, dims, type));
}

inline std::string output(const std::string& name, const std::vector<std::uint64_t>& dims) {
    return data(12, value(name, dims));
}

/// A weight called "w" of float32: its dims, and its numbers.
inline std::string weight(const std::string& dims, const std::string& rest) {
    return data(5, dims + number(2, 1) + data(8, "w") + rest);
}

/// A weight of whole numbers below 128.
inline std::string integers(const std::string& name, const std::vector<int>& values) {
    std::string raw;
    for (const int v : values)
        raw += static_cast<char>(v) + std::string(7, v < 0 ? '\xff' : '\0');
    return data(5, number(1, values.size()) + number(2, 7) + data(8, name) + data(9, raw));
}

inline std::string model(const std::string& graph) {
    return number(1, 7) + data(7, graph) + data(8, number(2, 12)) +
           data(14, data(1, "names") + data(2, "{0: 'a'}"));
}

} // namespace onnxbytes
