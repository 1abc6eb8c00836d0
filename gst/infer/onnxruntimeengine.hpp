#pragma once

#include "infer/engine.hpp"

namespace infer {

struct ModelFile;

/// ONNX Runtime, in builds that have it. Throws base::Error.
std::unique_ptr<Engine> loadWithOnnxRuntime(const ModelFile& file, const EngineOptions& options);
std::string onnxRuntimeName();

} // namespace infer
