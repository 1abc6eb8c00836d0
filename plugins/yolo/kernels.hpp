#pragma once

#include <cstdint>

namespace yolo {

/// The four inner loops of `Letterbox`, once plain and once for the processor at hand.
///
/// A sample between the passes is an int16 with 6 fractional bits: 255 becomes 16320, so that a
/// difference of two still fits and one multiply-add of 16-bit pairs weighs two neighbours. Its
/// rounding is 1/128 of a level; OpenCV's INTER_LINEAR, which networks were trained behind, rounds
/// to whole levels. All of them but `toRgb` give the same bits in both forms.
struct Kernels {
    /// `n` samples of `a + (b - a) * weight / 32768`; weight is 0..32767.
    void (*blend)(const std::uint8_t* a, const std::uint8_t* b, int weight, std::int16_t* out,
                  int n);

    /// The same for `n` pairs of bytes (U and V of NV12; luma and chroma of YUY2), taken apart.
    void (*blendPairs)(const std::uint8_t* a, const std::uint8_t* b, int weight,
                       std::int16_t* first, std::int16_t* second, int n);

    /// `n` results: neighbours row[index[i]] and row[index[i] + step], weighed by the two halves of
    /// weights[i] (`packWeights`), times `gain`. Reads one sample past the second neighbour.
    void (*sample)(const std::int16_t* row, int step, const std::int32_t* index,
                   const std::int32_t* weights, float gain, float* out, int n);

    /// The same for three channels that lie side by side, `step` (3 or 4) samples to a pixel; the
    /// first goes to out[0]. Reads one sample past the second neighbour.
    void (*sampleTriples)(const std::int16_t* row, int step, const std::int32_t* index,
                          const std::int32_t* weights, float gain, float* const out[3], int n);

    /// `n` pixels from luma and chroma at out[0..2] to R, G, B in place; see YuvToRgb.
    void (*toRgb)(float* const rows[3], const struct YuvToRgb& m, int n);
};

/// R = y*luma + v*vToR + bias[0] and so on, held between 0 and `top`.
struct YuvToRgb {
    float luma = 0, vToR = 0, uToG = 0, vToG = 0, uToB = 0;
    float bias[3] = {};
    float top = 0;
};

constexpr int sampleBits = 6;  ///< fraction of a sample between the passes
constexpr int weightBits = 14; ///< fraction of a horizontal weight
/// Samples that must be readable after the last one of a row.
constexpr int rowSlack = 8;

/// Both weights of a result in one word, the left neighbour's in the low half; part is 0..1.
std::int32_t packWeights(double part);

const Kernels& plainKernels();
/// The fastest that this processor runs.
const Kernels& bestKernels();

} // namespace yolo
