#pragma once

#include "base/detection.hpp"
#include "input.hpp"
#include "model.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace yolo {

/// What the network found in one frame.
struct Result {
    std::vector<base::Detection> objects;
    std::chrono::nanoseconds time{0}; ///< of that frame, on the stream's clock
};

/// How long the network takes.
struct Timing {
    std::uint64_t inferences = 0;
    double lastMs = 0, meanMs = 0; ///< mean of all
    double p95Ms = 0;              ///< of the last 128
};

/// Runs the model and keeps its limits, which other threads may change, and its timing, which they
/// may ask for. `run` has one caller at a time.
class Runner {
public:
    Runner(std::unique_ptr<Model> model, Limits limits)
        : model_(std::move(model)), limits_(std::move(limits)) {}

    const Model& model() const { return *model_; }
    void setLimits(Limits limits);
    Result run(const Input& input);
    Timing timing() const;

private:
    void count(double ms);

    std::unique_ptr<Model> model_;
    mutable std::mutex mutex_;
    Limits limits_;
    Timing timing_;
    std::array<double, 128> recent_{};
};

} // namespace yolo
