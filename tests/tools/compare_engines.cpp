// Runs networks in every engine of this build on the same drawn picture, and prints what they
// answer and by how much they differ: compare_engines [--size WIDTHxHEIGHT] NETWORK …
#include "base/error.hpp"
#include "infer/engine.hpp"
#include "infer/modelfile.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace {

using Clock = std::chrono::steady_clock;

struct Answer {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

/// Smooth waves with a little noise: more like a picture than noise alone.
std::vector<float> picture(const std::vector<std::int64_t>& shape) {
    std::vector<float> data(static_cast<std::size_t>(shape[1] * shape[2] * shape[3]));
    std::uint32_t noise = 1;
    for (std::size_t i = 0; i < data.size(); i++) {
        noise = noise * 1664525u + 1013904223u;
        const auto width = static_cast<std::size_t>(shape[3]);
        const std::size_t row = i / width, column = i % width;
        const auto x = static_cast<double>(column), y = static_cast<double>(row);
        const double wave = 0.5 + 0.25 * std::sin(x / 17) + 0.2 * std::sin(y / 23 + x / 91);
        data[i] =
            static_cast<float>(std::clamp(wave + (noise >> 16) / 65536.0 * 0.1 - 0.05, 0.0, 1.0));
    }
    return data;
}

std::vector<Answer> answersOf(const std::string& path, infer::EngineChoice choice,
                              const char* label, const infer::EngineOptions& given) {
    infer::EngineOptions options = given;
    options.engine = choice;
    std::vector<Answer> answers;
    try {
        const auto start = Clock::now();
        const auto engine = infer::load(path, options);
        const auto loaded = Clock::now();
        const auto shape = infer::provingShape(engine->model());
        const auto input = picture(shape);
        std::vector<infer::Tensor> tensors;
        double best = 1e9;
        for (int round = 0; round < 3; round++) {
            const auto begun = Clock::now();
            tensors = engine->run(input.data(), shape);
            best = std::min(
                best, std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
        }
        std::printf("  %-12s load %.0f ms, run %.1f ms:", label,
                    std::chrono::duration<double, std::milli>(loaded - start).count(), best);
        for (const infer::Tensor& t : tensors) {
            answers.push_back({t.name, t.shape, {t.data, t.data + t.size()}});
            std::printf(" %s [", t.name.c_str());
            for (std::size_t i = 0; i < t.shape.size(); i++)
                std::printf("%s%d", i ? ", " : "", static_cast<int>(t.shape[i]));
            std::printf("]");
        }
        std::printf("\n");
    } catch (const base::Error& error) {
        std::printf("  %-12s %s\n    %s\n", label, error.what(), error.details().c_str());
    }
    return answers;
}

bool compare(const std::string& path, const infer::EngineOptions& options) {
    std::printf("%s\n", path.c_str());
    const auto a = answersOf(path, infer::EngineChoice::OpenCv, "opencv", options);
    const auto b = answersOf(path, infer::EngineChoice::OnnxRuntime, "onnxruntime", options);
    if (a.empty() || a.size() != b.size())
        return false;
    double worst = 0;
    for (std::size_t t = 0; t < a.size(); t++) {
        if (a[t].shape != b[t].shape)
            return std::printf("  shapes differ\n"), false;
        for (std::size_t i = 0; i < a[t].values.size(); i++) {
            const double difference = std::fabs(a[t].values[i] - b[t].values[i]);
            const double relative = difference / std::max(1.0f, std::fabs(b[t].values[i]));
            worst = relative <= worst ? worst : relative;
        }
    }
    for (const auto* side : {&a, &b})
        if (side->front().values.size() >= 12 && std::getenv("ROWS"))
            for (int i = 0; i < 12; i++)
                std::printf("%s%.3f", i ? " " : "  ", side->front().values[i]);
    std::printf("  differ by %.1e at most\n", worst);
    return worst < 1e-3;
}

} // namespace

int main(int argc, char** argv) {
    infer::EngineOptions options;
    bool all = true;
    for (int i = 1; i < argc; i++)
        all = compare(argv[i], options) && all;
    return all ? 0 : 1;
}
