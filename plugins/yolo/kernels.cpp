#include "kernels.hpp"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#define HAVE_AVX2_KERNELS
#include <cstring>
#include <immintrin.h>
#endif

namespace yolo {
namespace {

inline std::int16_t between(int a, int b, int weight) {
    // Rounds as pmulhrsw does.
    const int part = (((b - a) * (1 << sampleBits) * weight >> 14) + 1) >> 1;
    return static_cast<std::int16_t>((a << sampleBits) + part);
}

inline int weigh(int left, int right, std::int32_t weights) {
    return left * static_cast<std::int16_t>(weights & 0xffff) + right * (weights >> 16);
}

void blendPlain(const std::uint8_t* a, const std::uint8_t* b, int weight, std::int16_t* out,
                int n) {
    for (int i = 0; i < n; i++)
        out[i] = between(a[i], b[i], weight);
}

void blendPairsPlain(const std::uint8_t* a, const std::uint8_t* b, int weight, std::int16_t* first,
                     std::int16_t* second, int n) {
    for (int i = 0; i < n; i++) {
        first[i] = between(a[2 * i], b[2 * i], weight);
        second[i] = between(a[2 * i + 1], b[2 * i + 1], weight);
    }
}

void samplePlain(const std::int16_t* row, int step, const std::int32_t* index,
                 const std::int32_t* weights, float gain, float* out, int n) {
    for (int i = 0; i < n; i++)
        out[i] = static_cast<float>(weigh(row[index[i]], row[index[i] + step], weights[i])) * gain;
}

void sampleTriplesPlain(const std::int16_t* row, int step, const std::int32_t* index,
                        const std::int32_t* weights, float gain, float* const out[3], int n) {
    for (int channel = 0; channel < 3; channel++)
        samplePlain(row + channel, step, index, weights, gain, out[channel], n);
}

// One text, compiled for each instruction set.
[[gnu::always_inline]] inline void toRgbLoop(float* __restrict a, float* __restrict b,
                                             float* __restrict c, const YuvToRgb m, int n) {
    for (int i = 0; i < n; i++) {
        const float y = a[i] * m.luma, u = b[i], v = c[i];
        const float red = y + v * m.vToR + m.bias[0];
        const float green = y + u * m.uToG + v * m.vToG + m.bias[1];
        const float blue = y + u * m.uToB + m.bias[2];
        a[i] = std::min(std::max(red, 0.0f), m.top);
        b[i] = std::min(std::max(green, 0.0f), m.top);
        c[i] = std::min(std::max(blue, 0.0f), m.top);
    }
}

void toRgbPlain(float* const rows[3], const YuvToRgb& m, int n) {
    toRgbLoop(rows[0], rows[1], rows[2], m, n);
}

#ifdef HAVE_AVX2_KERNELS
#define AVX2 __attribute__((target("avx2,fma")))

inline __m128i load8(const void* p) { return _mm_loadl_epi64(static_cast<const __m128i*>(p)); }
inline __m128i load16(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
AVX2 inline __m256i load32(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}
AVX2 inline void store32(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }

AVX2 inline __m256i between(__m256i a, __m256i b, __m256i weight) {
    const __m256i difference = _mm256_slli_epi16(_mm256_sub_epi16(b, a), sampleBits);
    return _mm256_add_epi16(_mm256_slli_epi16(a, sampleBits),
                            _mm256_mulhrs_epi16(difference, weight));
}

AVX2 void blendAvx2(const std::uint8_t* a, const std::uint8_t* b, int weight, std::int16_t* out,
                    int n) {
    const __m256i w = _mm256_set1_epi16(static_cast<short>(weight));
    int i = 0;
    for (; i + 16 <= n; i += 16)
        store32(out + i, between(_mm256_cvtepu8_epi16(load16(a + i)),
                                 _mm256_cvtepu8_epi16(load16(b + i)), w));
    blendPlain(a + i, b + i, weight, out + i, n - i);
}

AVX2 void blendPairsAvx2(const std::uint8_t* a, const std::uint8_t* b, int weight,
                         std::int16_t* first, std::int16_t* second, int n) {
    const __m256i w = _mm256_set1_epi16(static_cast<short>(weight));
    const __m256i low = _mm256_set1_epi16(0xff);
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256i x = load32(a + 2 * i), y = load32(b + 2 * i);
        store32(first + i, between(_mm256_and_si256(x, low), _mm256_and_si256(y, low), w));
        store32(second + i, between(_mm256_srli_epi16(x, 8), _mm256_srli_epi16(y, 8), w));
    }
    blendPairsPlain(a + 2 * i, b + 2 * i, weight, first + i, second + i, n - i);
}

inline std::int32_t word(const std::int16_t* p) {
    std::int32_t both;
    std::memcpy(&both, p, sizeof both);
    return both;
}

/// Eight words of two samples from eight places. Loads of their own beat vpgatherdd, which costs
/// some fifty cycles on processors with the cure for gather data sampling.
AVX2 inline __m256i words(const std::int16_t* row, const std::int32_t* index) {
    return _mm256_setr_epi32(word(row + index[0]), word(row + index[1]), word(row + index[2]),
                             word(row + index[3]), word(row + index[4]), word(row + index[5]),
                             word(row + index[6]), word(row + index[7]));
}

AVX2 void sampleAvx2(const std::int16_t* row, int step, const std::int32_t* index,
                     const std::int32_t* weights, float gain, float* out, int n) {
    const __m256 g = _mm256_set1_ps(gain);
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256i pairs = words(row, index + i);
        if (step != 1)
            pairs = _mm256_blend_epi16(pairs, _mm256_slli_epi32(words(row + step, index + i), 16),
                                       0xAA);
        const __m256i sums = _mm256_madd_epi16(pairs, load32(weights + i));
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_cvtepi32_ps(sums), g));
    }
    samplePlain(row, step, index + i, weights + i, gain, out + i, n - i);
}

/// One pixel: its three channels weighed, in the low three of four floats.
AVX2 inline __m128 pixel(const std::int16_t* p, int step, std::int32_t weights) {
    const __m128i pairs = _mm_unpacklo_epi16(load8(p), load8(p + step));
    return _mm_cvtepi32_ps(_mm_madd_epi16(pairs, _mm_set1_epi32(weights)));
}

AVX2 void sampleTriplesAvx2(const std::int16_t* row, int step, const std::int32_t* index,
                            const std::int32_t* weights, float gain, float* const out[3], int n) {
    const __m128 g = _mm_set1_ps(gain);
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        __m128 a = pixel(row + index[i], step, weights[i]);
        __m128 b = pixel(row + index[i + 1], step, weights[i + 1]);
        __m128 c = pixel(row + index[i + 2], step, weights[i + 2]);
        __m128 d = pixel(row + index[i + 3], step, weights[i + 3]);
        _MM_TRANSPOSE4_PS(a, b, c, d);
        _mm_storeu_ps(out[0] + i, _mm_mul_ps(a, g));
        _mm_storeu_ps(out[1] + i, _mm_mul_ps(b, g));
        _mm_storeu_ps(out[2] + i, _mm_mul_ps(c, g));
    }
    float* const rest[3] = {out[0] + i, out[1] + i, out[2] + i};
    sampleTriplesPlain(row, step, index + i, weights + i, gain, rest, n - i);
}

AVX2 void toRgbAvx2(float* const rows[3], const YuvToRgb& m, int n) {
    toRgbLoop(rows[0], rows[1], rows[2], m, n);
}
#endif

} // namespace

std::int32_t packWeights(double part) {
    const auto right = static_cast<std::int32_t>(std::lround(part * (1 << weightBits)));
    return ((1 << weightBits) - right) | right << 16;
}

const Kernels& plainKernels() {
    static const Kernels kernels{blendPlain, blendPairsPlain, samplePlain, sampleTriplesPlain,
                                 toRgbPlain};
    return kernels;
}

const Kernels& bestKernels() {
#ifdef HAVE_AVX2_KERNELS
    static const Kernels avx2{blendAvx2, blendPairsAvx2, sampleAvx2, sampleTriplesAvx2, toRgbAvx2};
    static const bool able = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (able)
        return avx2;
#endif
    return plainKernels();
}

} // namespace yolo
