#pragma once

#include "infer/device.hpp"

// The headers' own start would crash on a library that is older than they are; ours says so.
#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

namespace infer {

/// ONNX Runtime calls devices execution providers, and is told of them through one table of
/// functions that every build of it has: which of them work is a question to the library that is
/// there when it runs, and none is needed to compile this. The library has been started.

/// Has sessions made with `options` compute on `device`, and what that cannot on the processor.
/// Throws std::exception when this library has no such provider, or lacks its driver.
void useDevice(Ort::SessionOptions& options, const Device& device, int threads);

} // namespace infer
