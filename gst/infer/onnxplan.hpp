#pragma once

#include "infer/engine.hpp"
#include "infer/onnxtail.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace infer {

/// A network in two parts, so that OpenCV 4.6 can run it: the convolutions for OpenCV, and what is
/// behind the last of them for OnnxTail. The cut is found by structure: the tail is every node that
/// no convolution, pooling, resizing or product of matrices comes after; the small convolution that
/// turns the bins of a distance into a number (it follows a Softmax) counts as arithmetic. On the
/// way
///   - open sizes become those of `input`, and what is then constant is computed: the chains of
///     Shape, Gather and Concat of an export with dynamic axes or without simplifier,
///   - float16 becomes float32, and int8 (QDQ and dynamic) the float32 that it stands for,
///   - sizes and bounds that newer opsets give as operands become attributes again: Split (4.6
///     ignores its sizes without a word), Clip, Squeeze, Unsqueeze and the Reduce family.
struct OnnxPlan {
    std::string body;               ///< an ONNX file
    std::vector<std::string> seams; ///< its outputs: what the tail is given
    OnnxTail tail;                  ///< answers the file's own outputs, in their order

    /// `bytes` must have passed OnnxFile::parse(). Throws base::Error BadData or Unsupported whose
    /// text continues a sentence that begins with the file's name.
    static OnnxPlan make(std::string_view bytes, const Shape& input);
};

/// The network in one piece, as float32 and with a fixed input: float16 and int8 are undone. For
/// engines that read the operators themselves and lack kernels for such numbers. Conditions as
/// above.
std::string asFloat32(std::string_view bytes, const Shape& input);

} // namespace infer
