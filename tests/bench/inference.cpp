// OpenCV DNN beside ONNX Runtime on the same network, in turns so that other work on the machine
// falls on both: inference [--threads N] [--rounds N] [NETWORK …]. Without a network: our own, and
// where the folder of real ones is, a few of those.
#include "base/error.hpp"
#include "infer/engine.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <numeric>

namespace {

using Clock = std::chrono::steady_clock;

struct Side {
    const char* label;
    infer::EngineChoice choice;
    std::unique_ptr<infer::Engine> engine;
    double loadMs = 0;
    std::vector<double> runs; // ms
};

double msSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

bool load(Side& side, const std::string& path, int threads) {
    infer::EngineOptions options;
    options.engine = side.choice;
    options.threads = threads;
    const auto start = Clock::now();
    try {
        side.engine = infer::load(path, options);
    } catch (const base::Error& error) {
        std::printf("  %-12s %s\n", side.label, error.what());
        return false;
    }
    side.loadMs = msSince(start);
    return true;
}

void compare(const std::string& path, int threads, int rounds) {
    std::printf("%s\n", path.c_str());
    Side sides[] = {{"opencv", infer::EngineChoice::OpenCv, {}, 0, {}},
                    {"onnxruntime", infer::EngineChoice::OnnxRuntime, {}, 0, {}}};
    bool both = true;
    for (Side& side : sides)
        both = load(side, path, threads) && both;
    for (int round = 0; round < rounds; round++)
        for (Side& side : sides) {
            if (!side.engine)
                continue;
            auto shape = side.engine->input().shape;
            for (auto& size : shape)
                size = size > 0 ? size : 640;
            const auto count =
                std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
            const std::vector<float> input(static_cast<std::size_t>(count), 0.5f);
            const auto start = Clock::now();
            side.engine->run(input.data(), shape);
            side.runs.push_back(msSince(start));
        }
    for (Side& side : sides) {
        if (!side.engine)
            continue;
        std::sort(side.runs.begin(), side.runs.end());
        std::printf("  %-18s load %7.1f ms   run: best %7.2f ms, median %7.2f ms\n",
                    side.engine->name().c_str(), side.loadMs, side.runs.front(),
                    side.runs[side.runs.size() / 2]);
    }
    if (both)
        std::printf("  onnxruntime is %.2f times as fast (best), %.2f (median)\n",
                    sides[0].runs.front() / sides[1].runs.front(),
                    sides[0].runs[sides[0].runs.size() / 2] /
                        sides[1].runs[sides[1].runs.size() / 2]);
}

std::vector<std::string> defaults() {
    std::vector<std::string> paths;
    const char* build = std::getenv("VIDEO_STREAM_BUILD_DIR");
    const char* shared = std::getenv("VIDEO_STREAM_SHARED_DIR");
    paths.push_back(std::string(build ? build : BUILD_DIR) + "/models/shapes.onnx");
    for (const char* name : {"yolox_nano-416", "yolov8n-640"}) {
        const std::string path =
            std::string(shared ? shared : SHARED_DIR) + "/models/" + name + ".onnx";
        if (std::filesystem::exists(path))
            paths.push_back(path);
    }
    return paths;
}

} // namespace

int main(int argc, char** argv) {
    int threads = 0, rounds = 15;
    std::vector<std::string> paths;
    for (int i = 1; i < argc; i++) {
        const std::string argument = argv[i];
        if (argument == "--threads" && i + 1 < argc)
            threads = std::atoi(argv[++i]);
        else if (argument == "--rounds" && i + 1 < argc)
            rounds = std::max(1, std::atoi(argv[++i]));
        else
            paths.push_back(argument);
    }
    for (const std::string& path : paths.empty() ? defaults() : paths)
        compare(path, threads, rounds);
}
