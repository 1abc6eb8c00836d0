// Every fast kernel answers to the plain one, at all lengths around its vector's.
#include "yolo/kernels.hpp"

#include "check.hpp"

#include <random>
#include <vector>

namespace {

std::mt19937 chance(7);

int any(int low, int high) { return std::uniform_int_distribution<int>(low, high)(chance); }

std::vector<std::uint8_t> bytes(int n) {
    std::vector<std::uint8_t> v(static_cast<std::size_t>(n));
    for (auto& b : v)
        b = static_cast<std::uint8_t>(any(0, 3) ? any(0, 255) : any(0, 1) * 255);
    return v;
}

std::vector<std::int16_t> samples(int n) {
    std::vector<std::int16_t> v(static_cast<std::size_t>(n));
    for (auto& s : v)
        s = static_cast<std::int16_t>(any(0, 255 << yolo::sampleBits));
    return v;
}

const yolo::Kernels& plain = yolo::plainKernels();
const yolo::Kernels& fast = yolo::bestKernels();

} // namespace

START_TEST(blendIsPlain) {
    for (int n = 1; n < 100; n++) {
        const auto a = bytes(n), b = bytes(n);
        const int weight = n % 5 ? any(0, 32767) : (n % 2) * 32767;
        std::vector<std::int16_t> x(n), y(n);
        plain.blend(a.data(), b.data(), weight, x.data(), n);
        fast.blend(a.data(), b.data(), weight, y.data(), n);
        ck_assert(x == y);
        for (int i = 0; i < n; i++) {
            const double exact = a[i] + (b[i] - a[i]) * weight / 32768.0;
            ck_assert_double_eq_tol(x[i] / 64.0, exact, 1.0 / 64);
        }
    }
}
END_TEST

START_TEST(blendPairsIsPlain) {
    for (int n = 1; n < 100; n++) {
        const auto a = bytes(2 * n), b = bytes(2 * n);
        const int weight = any(0, 32767);
        std::vector<std::int16_t> x(n), y(n), x2(n), y2(n), both(2 * n);
        plain.blendPairs(a.data(), b.data(), weight, x.data(), x2.data(), n);
        fast.blendPairs(a.data(), b.data(), weight, y.data(), y2.data(), n);
        ck_assert(x == y && x2 == y2);
        plain.blend(a.data(), b.data(), weight, both.data(), 2 * n);
        for (int i = 0; i < n; i++)
            ck_assert(x[i] == both[2 * i] && x2[i] == both[2 * i + 1]);
    }
}
END_TEST

START_TEST(sampleIsPlain) {
    for (int n = 1; n < 70; n++) {
        for (int step = 1; step <= 4; step++) {
            const int pixels = any(1, 200);
            const auto row = samples(pixels * step + yolo::rowSlack);
            std::vector<std::int32_t> index(n), weights(n);
            std::vector<double> parts(n);
            for (int i = 0; i < n; i++) {
                index[i] = any(0, pixels - 1) * step;
                parts[i] = any(0, 1000) / 1000.0;
                weights[i] = yolo::packWeights(parts[i]);
            }
            const float gain = 1.0f / (1 << 20);
            std::vector<float> x(n), y(n);
            plain.sample(row.data(), step, index.data(), weights.data(), gain, x.data(), n);
            fast.sample(row.data(), step, index.data(), weights.data(), gain, y.data(), n);
            ck_assert(x == y);
            for (int i = 0; i < n; i++) {
                const double a = row[index[i]] / 64.0, b = row[index[i] + step] / 64.0;
                ck_assert_double_eq_tol(x[i], a + (b - a) * parts[i], 0.02);
            }
        }
    }
}
END_TEST

START_TEST(sampleTriplesIsPlain) {
    for (int n = 1; n < 40; n++) {
        for (int step = 3; step <= 4; step++) {
            const auto row = samples(50 * step + yolo::rowSlack);
            std::vector<std::int32_t> index(n), weights(n);
            for (int i = 0; i < n; i++) {
                index[i] = any(0, 49) * step;
                weights[i] = yolo::packWeights(any(0, 1000) / 1000.0);
            }
            std::vector<float> x(3 * n), y(3 * n), single(n);
            float* const xs[3] = {x.data(), x.data() + n, x.data() + 2 * n};
            float* const ys[3] = {y.data(), y.data() + n, y.data() + 2 * n};
            plain.sampleTriples(row.data(), step, index.data(), weights.data(), 0.25f, xs, n);
            fast.sampleTriples(row.data(), step, index.data(), weights.data(), 0.25f, ys, n);
            ck_assert(x == y);
            plain.sample(row.data() + 2, step, index.data(), weights.data(), 0.25f, single.data(),
                         n);
            ck_assert(std::equal(single.begin(), single.end(), xs[2]));
        }
    }
}
END_TEST

START_TEST(toRgbIsPlain) {
    const yolo::YuvToRgb m{1.16f, 1.6f, -0.39f, -0.81f, 2.02f, {-220, 136, -270}, 255};
    for (int n = 1; n < 70; n++) {
        std::vector<float> x(3 * n);
        for (float& v : x)
            v = static_cast<float>(any(0, 2550)) / 10;
        std::vector<float> y = x;
        float* const xs[3] = {x.data(), x.data() + n, x.data() + 2 * n};
        float* const ys[3] = {y.data(), y.data() + n, y.data() + 2 * n};
        plain.toRgb(xs, m, n);
        fast.toRgb(ys, m, n);
        for (int i = 0; i < 3 * n; i++) {
            // Not the same bits: one form has fused multiply-adds.
            ck_assert_float_eq_tol(x[i], y[i], 1e-3f);
            ck_assert(x[i] >= 0 && x[i] <= 255);
        }
    }
}
END_TEST

CHECK_MAIN("kernels", blendIsPlain, blendPairsIsPlain, sampleIsPlain, sampleTriplesIsPlain,
           toRgbIsPlain)
