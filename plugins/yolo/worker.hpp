#pragma once

#include "meter.hpp"
#include "network.hpp"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace yolo {

/// Runs the network beside the streams: of each stream the newest job wins, the stream that waits
/// longest is next, and nobody waits for it. Where the network takes several pictures at once,
/// those who have waited longest share an inference; none is waited for to fill it.
///
/// What waits here is the small tensor, not the frame. Making it takes 0.4 ms from 1080p, on the
/// streaming thread; a reference to the frame would cost nothing there, but keep a buffer of the
/// decoder's pool for two inferences, and a pool of fixed size that runs dry stops the video. It is
/// made for each frame, also while the network is busy: so the network never idles until the next
/// frame comes, which with a network a little slower than the frames would halve its rate.
class Worker {
public:
    using Run = std::function<std::vector<Result>(const std::vector<Ask>&)>;
    class Seat;

    explicit Worker(Run run);
    /// Waits for the inference that runs, and no longer. All seats are gone.
    ~Worker();
    Worker(const Worker&) = delete;

    /// Streams that may share an inference, 1 to begin with.
    void allowBatch(std::size_t streams);
    std::unique_ptr<Seat> join(Limits limits, std::shared_ptr<Meter> meter);

private:
    struct Guest;
    /// A guest's job while the network has it.
    struct Task;
    std::shared_ptr<Guest> next();
    std::size_t take(std::vector<Task>& tasks);
    void finish(std::vector<Task>& tasks, std::size_t count, std::vector<Result> results,
                const std::exception_ptr& failure);
    void work();

    Run run_;
    std::mutex mutex_; ///< of all below
    std::condition_variable wake_;
    bool stop_ = false;
    std::size_t batch_ = 1;
    std::uint64_t served_ = 0;
    std::vector<std::shared_ptr<Guest>> guests_;
    std::thread thread_; ///< last: it uses all of the above
};

/// One stream's place at the worker. Leaving waits for nothing.
class Worker::Seat {
public:
    Seat(Worker& worker, std::shared_ptr<Guest> guest);
    ~Seat();
    Seat(const Seat&) = delete;

    /// Hands `job` over in exchange for a spare one. A job that was not begun yet is dropped.
    /// Throws what an inference threw since the last call.
    void offer(Job& job);
    /// The latest result, or nothing yet.
    std::optional<Result> latest() const;
    /// Forgets all results and jobs, also that of the inference that runs.
    void flush();
    void setLimits(Limits limits);
    std::uint64_t dropped() const;

private:
    Worker& worker_;
    std::shared_ptr<Guest> guest_;
};

} // namespace yolo
