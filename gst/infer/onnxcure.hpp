#pragma once

#include <string>
#include <string_view>

namespace infer {

/// Writes an ONNX file as OpenCV 4.6 can read it; what it says stays the same. Two things keep that
/// version from YOLOv8, 11 and 12 as Ultralytics exports them (both seen, and the cured files
/// answer as ONNX Runtime does with the originals):
///   - Split takes its sizes as a second input since opset 13, which it ignores: they become the
///     attribute `split` of before.
///   - the boxes [1,4,N] are multiplied by the strides [1,N], a broadcast it fails at in the
///   forward:
///     the strides are repeated to [1,4,N].
/// Empty where there is nothing to cure. `bytes` must have passed OnnxFile::parse().
std::string cureForOpenCv(std::string_view bytes);

} // namespace infer
