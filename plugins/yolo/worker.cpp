#include "worker.hpp"

#include "priority.hpp"

#include <utility>

namespace yolo {

Worker::Worker(Runner& runner) : runner_(runner), thread_([this] { work(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Worker::offer(Input& input) {
    {
        const std::lock_guard lock(mutex_);
        if (failure_)
            std::rethrow_exception(std::exchange(failure_, nullptr));
        std::swap(pending_, input);
        dropped_ += waiting_;
        waiting_ = true;
    }
    wake_.notify_one();
}

std::optional<Result> Worker::latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
}

void Worker::flush() {
    const std::lock_guard lock(mutex_);
    epoch_++;
    dropped_ += waiting_;
    waiting_ = false;
    latest_.reset();
}

std::uint64_t Worker::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

void Worker::work() {
    giveWay();
    Input input;
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stop_ || waiting_; });
        if (stop_)
            return;
        std::swap(input, pending_);
        waiting_ = false;
        const std::uint64_t epoch = epoch_;
        lock.unlock();
        std::optional<Result> result;
        std::exception_ptr failure;
        try {
            result = runner_.run(input);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        if (failure)
            failure_ = failure;
        else if (epoch == epoch_)
            latest_ = std::move(result);
    }
}

} // namespace yolo
