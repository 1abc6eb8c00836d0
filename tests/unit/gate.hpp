#pragma once

#include <condition_variable>
#include <mutex>

/// Holds inferences until they are let go, one by one.
class Gate {
public:
    void pass() {
        std::unique_lock lock(mutex_);
        waiting_++;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_ > 0; });
        open_--;
        waiting_--;
    }
    void awaitOne() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_ > 0; });
    }
    void let(int n) {
        const std::lock_guard lock(mutex_);
        open_ += n;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0, open_ = 0;
};
