#include "dnnfilter/filterloader.hpp"

#include <utility>

namespace dnnfilter {

/// How long to wait for another change.
static constexpr std::chrono::milliseconds settle{30};

FilterLoader::~FilterLoader() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable())
        thread_.join();
}

void FilterLoader::load(const ModelSettings& settings, int overlap) {
    const std::lock_guard<std::mutex> lock(mutex_);
    wanted_ = Wanted{settings, overlap};
    start();
}

std::optional<FilterLoader::Outcome> FilterLoader::take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(outcome_, std::nullopt);
}

void FilterLoader::dispose(std::unique_ptr<Filter> old) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::swap(old_, old); // one that still waits is old enough to end here
    start();
}

void FilterLoader::start() {
    if (!thread_.joinable())
        thread_ = std::thread([this] { work(); });
    wake_.notify_all();
}

void FilterLoader::work() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stop_ || wanted_ || old_; });
        if (stop_)
            return;
        auto wanted = std::exchange(wanted_, std::nullopt);
        // A newer wish takes the place of this one.
        if (wanted && wake_.wait_for(lock, settle, [this] { return stop_ || wanted_; }))
            continue;
        auto old = std::move(old_);
        lock.unlock(); // a network takes its time to end, too
        old.reset();
        auto outcome = wanted ? std::optional(open(*wanted)) : std::nullopt;
        lock.lock();
        if (!outcome)
            continue;
        std::swap(outcome_, outcome);
        lock.unlock();
        outcome.reset(); // that nobody has taken
        lock.lock();
    }
}

FilterLoader::Outcome FilterLoader::open(const Wanted& wanted) {
    try {
        return {std::make_unique<Filter>(ImageModel::open(wanted.settings), wanted.overlap), {}};
    } catch (const base::Error& error) {
        return {nullptr, error};
    } catch (const std::exception& error) {
        return {nullptr, base::Error(base::ErrorKind::Failed, "The network could not be loaded.",
                                     error.what())};
    }
}

} // namespace dnnfilter
