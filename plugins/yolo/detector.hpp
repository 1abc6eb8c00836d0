#pragma once

#include "base/detection.hpp"
#include "base/frame.hpp"
#include "input.hpp"
#include "runner.hpp"
#include "settings.hpp"
#include "worker.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

namespace yolo {

struct Stats {
    std::uint64_t frames = 0;
    std::uint64_t dropped = 0; ///< due for inference and passed over, mode live
    Timing timing;
    double prepareMs = 0;            ///< from frame to tensor, mean
    std::chrono::nanoseconds age{0}; ///< of the last detections that were handed out
};

/// The thought of the element: frames in, detections out. `process` and `flush` belong to the
/// streaming thread, the others to any.
class Detector {
public:
    /// Loads the network that `settings` name. Throws base::Error.
    static std::unique_ptr<Detector> open(const Settings& settings);
    /// Throws base::Error for settings that the model cannot have.
    Detector(const Settings& settings, std::unique_ptr<Model> model);

    /// The detections that go with `frame`; nothing while the network has not answered yet (mode
    /// live). `time` goes on from frame to frame. Throws base::Error when the network fails.
    std::optional<base::Detections> process(const base::Frame& frame,
                                            std::chrono::nanoseconds time);
    /// The stream begins anew: what was found before does not belong to it.
    void flush();
    /// Takes what may change while running: thresholds, classes, interval. Throws base::Error for
    /// classes that do not exist; nothing has changed then.
    void configure(const Settings& settings);

    const Model& model() const { return runner_.model(); }
    Stats stats() const;

private:
    Runner runner_;
    InputMaker maker_;
    Input input_;
    std::optional<Result> latest_; ///< mode sync
    std::atomic<unsigned> interval_;
    unsigned sinceInference_ = 0;
    mutable std::mutex mutex_; ///< of stats_
    Stats stats_;
    std::uint64_t prepared_ = 0;
    std::optional<Worker> worker_; ///< mode live; last: it uses runner_
};

} // namespace yolo
