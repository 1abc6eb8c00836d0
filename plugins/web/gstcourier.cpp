#include "web/gstcourier.hpp"

#include "web/gstfeed.hpp"

#include <pthread.h>

#include <algorithm>

namespace web {

Courier::Courier() : thread_([this] { run(); }) {}

Courier::~Courier() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ended_ = true;
    }
    called_.notify_one();
    thread_.join();
}

void Courier::call(std::shared_ptr<Feed> feed) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        calls_.push_back(std::move(feed));
    }
    called_.notify_one();
}

void Courier::run() {
    pthread_setname_np(pthread_self(), "whep-courier");
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        called_.wait(lock, [this] { return ended_ || !calls_.empty(); });
        if (ended_)
            return;
        std::shared_ptr<Feed> feed = std::move(calls_.front());
        calls_.pop_front();
        lock.unlock();
        // One list at a time: a group of pictures that a newcomer gets holds up nobody.
        const bool more = feed->deliver();
        lock.lock();
        if (more)
            calls_.push_back(std::move(feed));
        lock.unlock();
        feed.reset(); // perhaps the last of it
        lock.lock();
    }
}

Couriers::Couriers() : all_(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4)) {}

Courier& Couriers::next() {
    std::unique_ptr<Courier>& courier = all_[turn_++ % all_.size()];
    if (!courier)
        courier = std::make_unique<Courier>();
    return *courier;
}

} // namespace web
