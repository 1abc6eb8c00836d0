#pragma once

#include "runner.hpp"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace yolo {

/// Runs the network beside the stream: the newest input wins, and nobody waits for it.
///
/// What waits here is the small tensor, not the frame. Making it takes 0.4 ms from 1080p, on the
/// streaming thread; a reference to the frame would cost nothing there, but keep a buffer of the
/// decoder's pool for two inferences, and a pool of fixed size that runs dry stops the video. It is
/// made for each frame, also while the network is busy: so the network never idles until the next
/// frame comes, which with a network a little slower than the frames would halve its rate.
class Worker {
public:
    explicit Worker(Runner& runner);
    /// Waits for the inference that runs, and no longer.
    ~Worker();
    Worker(const Worker&) = delete;

    /// Hands `input` over in exchange for a spare one. An input that was not begun yet is dropped.
    /// Throws what an inference threw since the last call.
    void offer(Input& input);
    /// The latest result, or nothing yet.
    std::optional<Result> latest() const;
    /// Forgets all results and inputs, also that of the inference that runs.
    void flush();
    std::uint64_t dropped() const;

private:
    void work();

    Runner& runner_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    bool waiting_ = false; ///< pending_ holds an input
    Input pending_;
    std::optional<Result> latest_;
    std::exception_ptr failure_;
    std::uint64_t dropped_ = 0;
    std::uint64_t epoch_ = 0; ///< counts flushes
    std::thread thread_;      ///< last: it uses all of the above
};

} // namespace yolo
