#include "worker.hpp"

#include "priority.hpp"

#include <algorithm>
#include <utility>

namespace yolo {

struct Worker::Guest {
    Limits limits;
    std::shared_ptr<Meter> meter;
    bool waiting = false; ///< `pending` holds a job
    Job pending;
    std::optional<Result> latest;
    std::exception_ptr failure;
    std::uint64_t dropped = 0;
    std::uint64_t epoch = 0;  ///< counts flushes
    std::uint64_t served = 0; ///< when it had its last turn
};

struct Worker::Task {
    std::shared_ptr<Guest> guest;
    Job job;
    Limits limits;
    std::uint64_t epoch = 0;
};

Worker::Worker(Run run) : run_(std::move(run)), thread_([this] { work(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

std::unique_ptr<Worker::Seat> Worker::join(Limits limits, std::shared_ptr<Meter> meter) {
    auto guest = std::make_shared<Guest>();
    guest->limits = std::move(limits);
    guest->meter = std::move(meter);
    const std::lock_guard lock(mutex_);
    guests_.push_back(guest);
    return std::make_unique<Seat>(*this, std::move(guest));
}

/// The guest that has a job and waits longest.
std::shared_ptr<Worker::Guest> Worker::next() {
    std::shared_ptr<Guest> found;
    for (const auto& guest : guests_)
        if (guest->waiting && (!found || guest->served < found->served))
            found = guest;
    return found;
}

/// Moves the jobs of those whose turn it is to `tasks`, which keeps its memory; returns how many.
std::size_t Worker::take(std::vector<Task>& tasks) {
    std::size_t count = 0;
    tasks.resize(std::max(tasks.size(), batch_));
    while (count < batch_) {
        const std::shared_ptr<Guest> guest = next();
        if (!guest)
            break;
        Task& task = tasks[count++];
        std::swap(task.job, guest->pending);
        guest->waiting = false;
        guest->served = ++served_;
        task.limits = guest->limits;
        task.epoch = guest->epoch;
        task.guest = guest;
    }
    return count;
}

void Worker::finish(std::vector<Task>& tasks, std::size_t count, std::vector<Result> results,
                    const std::exception_ptr& failure) {
    for (std::size_t i = 0; i < count; i++) {
        const std::shared_ptr<Guest> guest = std::move(tasks[i].guest);
        if (failure)
            guest->failure = failure;
        else if (tasks[i].epoch == guest->epoch)
            guest->latest = std::move(results[i]);
    }
}

void Worker::work() {
    giveWay();
    std::vector<Task> tasks;
    std::unique_lock lock(mutex_);
    while (true) {
        std::size_t count = 0;
        wake_.wait(lock, [&] { return stop_ || (count = take(tasks)) > 0; });
        if (stop_)
            return;
        lock.unlock();
        std::vector<Ask> asks;
        for (std::size_t i = 0; i < count; i++)
            asks.push_back({&tasks[i].job, &tasks[i].limits});
        std::vector<Result> results;
        std::exception_ptr failure;
        try {
            results = run_(asks);
            for (std::size_t i = 0; i < count; i++)
                tasks[i].guest->meter->count(results[i].ms);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        finish(tasks, count, std::move(results), failure);
    }
}

void Worker::allowBatch(std::size_t streams) {
    const std::lock_guard lock(mutex_);
    batch_ = streams;
}

Worker::Seat::Seat(Worker& worker, std::shared_ptr<Guest> guest)
    : worker_(worker), guest_(std::move(guest)) {}

Worker::Seat::~Seat() {
    const std::lock_guard lock(worker_.mutex_);
    auto& guests = worker_.guests_;
    guests.erase(std::remove(guests.begin(), guests.end(), guest_), guests.end());
}

void Worker::Seat::offer(Job& job) {
    {
        const std::lock_guard lock(worker_.mutex_);
        if (guest_->failure)
            std::rethrow_exception(std::exchange(guest_->failure, nullptr));
        std::swap(guest_->pending, job);
        guest_->dropped += guest_->waiting;
        guest_->waiting = true;
    }
    worker_.wake_.notify_one();
}

std::optional<Result> Worker::Seat::latest() const {
    const std::lock_guard lock(worker_.mutex_);
    return guest_->latest;
}

void Worker::Seat::flush() {
    const std::lock_guard lock(worker_.mutex_);
    guest_->epoch++;
    guest_->dropped += guest_->waiting;
    guest_->waiting = false;
    guest_->latest.reset();
}

void Worker::Seat::setLimits(Limits limits) {
    const std::lock_guard lock(worker_.mutex_);
    guest_->limits = std::move(limits);
}

std::uint64_t Worker::Seat::dropped() const {
    const std::lock_guard lock(worker_.mutex_);
    return guest_->dropped;
}

} // namespace yolo
