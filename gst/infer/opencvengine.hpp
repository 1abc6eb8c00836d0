#pragma once

#include "infer/engine.hpp"

namespace infer {

struct ModelFile;

/// OpenCV DNN: the engine that every build has. Throws base::Error.
std::unique_ptr<Engine> loadWithOpenCv(const ModelFile& file, const EngineOptions& options);
std::string openCvName();
bool openCvOffers(const Device& device);

} // namespace infer
