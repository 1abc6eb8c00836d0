#pragma once

#include "infer/engine.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace infer {

/// What an ONNX file says about itself, read without any library: neither OpenCV nor a refusal of
/// either engine gives the metadata, the opset or the names of the operators.
struct OnnxFile {
    /// TensorProto.DataType, the ones that matter here.
    enum Type { Float = 1, Float16 = 10 };

    struct Value {
        TensorInfo tensor;
        int type = 0; ///< TensorProto.DataType; 0 where the file does not say
    };

    std::int64_t irVersion = 0;
    std::int64_t opset = 0; ///< of the standard operators
    std::string producer;
    std::map<std::string, std::string> metadata;
    std::vector<Value> inputs; ///< without the weights that old files list among them
    std::vector<Value> outputs;
    std::set<std::string> operators; ///< those of inner graphs too
    bool half = false;               ///< has float16 weights

    /// Whether it computes with int8.
    bool quantized() const {
        return operators.count("DynamicQuantizeLinear") > 0 || operators.count("QLinearConv") > 0 ||
               operators.count("DequantizeLinear") > 0;
    }

    /// Reads and checks the bytes of a file: the message must be whole, each weight must have the
    /// bytes that its shape promises, nothing may lie in another file. Throws base::Error BadData
    /// or Unsupported whose text continues a sentence that begins with the file's name.
    static OnnxFile parse(std::string_view bytes);
};

} // namespace infer
