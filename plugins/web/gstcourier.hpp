#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace web {

struct Feed;

/// A thread that carries what waits in feeds into the viewers' pipelines, frame by frame. One for
/// many viewers: their sockets never make it wait (what they do not take is lost, and asked for
/// again), and a thread for each, woken for each packet, was a third of what a viewer costs.
class Courier {
public:
    Courier();
    /// What waits by then is not delivered.
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    /// Something waits in that feed. Never waits itself; from any thread.
    void call(std::shared_ptr<Feed> feed);

private:
    void run();

    std::mutex mutex_;
    std::condition_variable called_;
    std::deque<std::shared_ptr<Feed>> calls_;
    bool ended_ = false;
    std::thread thread_; ///< last: it uses the rest
};

/// As many as there are processors, four at most; each starts with its first viewer. In one thread.
class Couriers {
public:
    Couriers();
    /// Whose turn it is to look after another viewer.
    Courier& next();

private:
    std::vector<std::unique_ptr<Courier>> all_;
    std::size_t turn_ = 0;
};

} // namespace web
