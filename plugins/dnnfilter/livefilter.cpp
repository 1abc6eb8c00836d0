#include "dnnfilter/livefilter.hpp"

#include <utility>

namespace dnnfilter {

LiveFilter::LiveFilter(std::unique_ptr<Filter> filter)
    : filter_(std::move(filter)), thread_([this] { work(); }) {}

LiveFilter::~LiveFilter() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void LiveFilter::replace(std::unique_ptr<Filter> filter) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::swap(next_, filter);
    failure_ = nullptr;
}

std::size_t LiveFilter::tiles(int width, int height) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return filter_->tiles(width, height);
}

bool LiveFilter::idle() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failure_)
        std::rethrow_exception(failure_);
    return !busy_;
}

void LiveFilter::offer(RgbPicture& picture) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (busy_)
            return;
        std::swap(input_, picture);
        busy_ = true;
    }
    wake_.notify_all();
}

std::shared_ptr<const RgbPicture> LiveFilter::latest() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return latest_;
}

void LiveFilter::forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    epoch_++;
    latest_.reset();
}

std::uint64_t LiveFilter::answers() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return answers_;
}

void LiveFilter::work() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return busy_ || stop_; });
        if (stop_)
            return;
        const std::uint64_t epoch = epoch_;
        std::unique_ptr<Filter> old;
        if (next_)
            old = std::exchange(filter_, std::move(next_));
        lock.unlock();
        old.reset();
        auto answer = std::make_shared<RgbPicture>();
        std::exception_ptr failure;
        try {
            filter_->apply(input_, *answer); // nobody else touches the input of a busy one
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        busy_ = false;
        failure_ = failure;
        answers_ += !failure;
        if (!failure && epoch == epoch_)
            latest_ = std::move(answer);
    }
}

} // namespace dnnfilter
