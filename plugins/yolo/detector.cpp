#include "detector.hpp"

#include "names.hpp"
#include "priority.hpp"

#include <algorithm>
#include <future>

namespace yolo {
namespace {

Limits limitsOf(const Settings& settings, const Model& model) {
    return {static_cast<float>(settings.threshold), settings.iouThreshold,
            parseClasses(settings.classes, model.names(), model.layout().classes)};
}

} // namespace

std::unique_ptr<Detector> Detector::open(const Settings& settings) {
    // In a thread of its own: an engine's threads inherit its priority.
    auto model = std::async(std::launch::async, [&] {
        if (settings.mode == Mode::Live)
            giveWay();
        infer::EngineOptions options;
        options.engine = settings.engine;
        options.threads = static_cast<int>(settings.threads);
        return Model::open(settings.model, settings.labels, options);
    });
    return std::make_unique<Detector>(settings, model.get());
}

Detector::Detector(const Settings& settings, std::unique_ptr<Model> model)
    // Two steps: the limits need the model that the runner takes.
    : runner_(std::move(model), {}),
      maker_(runner_.model().width(), runner_.model().height(), runner_.model().layout().picture),
      interval_(settings.inferenceInterval) {
    configure(settings);
    if (settings.mode == Mode::Live)
        worker_.emplace(runner_);
}

void Detector::configure(const Settings& settings) {
    runner_.setLimits(limitsOf(settings, runner_.model()));
    interval_ = settings.inferenceInterval;
}

std::optional<base::Detections> Detector::process(const base::Frame& frame,
                                                  std::chrono::nanoseconds time) {
    using Clock = std::chrono::steady_clock;
    const bool due = sinceInference_ == 0;
    sinceInference_ = (sinceInference_ + 1) % std::max(interval_.load(), 1u);
    double prepareMs = 0;
    if (due) {
        const auto start = Clock::now();
        maker_.make(frame, time, input_);
        prepareMs = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
        if (worker_)
            worker_->offer(input_);
        else
            latest_ = runner_.run(input_);
    }
    const std::optional<Result> latest = worker_ ? worker_->latest() : latest_;
    const std::lock_guard lock(mutex_);
    stats_.frames++;
    if (due)
        stats_.prepareMs += (prepareMs - stats_.prepareMs) / static_cast<double>(++prepared_);
    if (!latest)
        return std::nullopt;
    stats_.age = std::max(time - latest->time, std::chrono::nanoseconds(0));
    return base::Detections{latest->objects, stats_.age, {}};
}

void Detector::flush() {
    sinceInference_ = 0;
    latest_.reset();
    if (worker_)
        worker_->flush();
}

Stats Detector::stats() const {
    const std::lock_guard lock(mutex_);
    Stats stats = stats_;
    stats.timing = runner_.timing();
    stats.dropped = worker_ ? worker_->dropped() : 0;
    return stats;
}

} // namespace yolo
