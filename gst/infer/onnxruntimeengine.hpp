#pragma once

#include "infer/engine.hpp"

namespace infer {

struct ModelFile;

/// ONNX Runtime, in builds that have it. Throws base::Error.
std::unique_ptr<Engine> loadWithOnnxRuntime(const ModelFile& file, const EngineOptions& options);
std::string onnxRuntimeName();
/// Whether the library that is there has `device`, and its driver. Throws base::Error.
bool onnxRuntimeOffers(const Device& device);

} // namespace infer
