#pragma once

#include "infer/engine.hpp"
#include "infer/onnxfile.hpp"

#include <string>

namespace infer {

/// A network's bytes, read once, with what they say: what each engine is made from.
struct ModelFile {
    ModelInfo info;
    OnnxFile onnx;       ///< empty for Darknet
    std::string bytes;   ///< the .onnx or the .weights
    std::string cfg;     ///< Darknet's other half
    std::string display; ///< the file's name without its folder, for messages
    /// What to change when it is exported, as far as the file tells: " It is …: export it …", or
    /// nothing.
    std::string advice() const;
    int opset() const { return static_cast<int>(onnx.opset); }

    /// Reads and checks it. Throws base::Error, also for what no engine here would take: several
    /// inputs, one that is not a float picture, a size past reason.
    static ModelFile read(const std::string& path);
    /// The same from the bytes of an .onnx file; `path` is for messages.
    static ModelFile ofOnnx(std::string bytes, const std::string& path);
    /// The same from the two halves of a Darknet network; `path` is one of them.
    static ModelFile ofDarknet(std::string cfg, std::string weights, const std::string& path);

    /// Asks for another input size, in pixels; 0 leaves it. Throws base::Error Settings where the
    /// network has one size only, and for one past reason.
    void resize(int width, int height);
};

/// The shape that the proving forward uses: 1 for an open batch; for an open size the one of the
/// file's `imgsz`, else 640.
std::vector<std::int64_t> provingShape(const ModelInfo& info);

/// Throws base::Error Unsupported when `given` is not a shape that `expected` allows.
void checkShape(const std::vector<std::int64_t>& expected, const std::vector<std::int64_t>& given);

} // namespace infer
