#pragma once

#include "base/detection.hpp"
#include "input.hpp"
#include "limits.hpp"
#include "model.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace yolo {

class Worker;

/// What the network found in one frame.
struct Result {
    std::vector<base::Detection> objects;
    std::chrono::nanoseconds time{0}; ///< of that frame, on the stream's clock
    double ms = 0;                    ///< that it took
};

/// A loaded network and its one worker, for any number of streams. They take turns in the order in
/// which they came, so that none starves.
class Network {
public:
    /// Loads what `settings` name, or takes the one that their `modelInstanceId` has already: then
    /// `model` may be empty. Blocks for seconds. Throws base::Error.
    static std::shared_ptr<Network> open(const Settings& settings);
    explicit Network(std::unique_ptr<Model> model);
    /// Waits for the inference that runs, and no longer.
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    const Model& model() const { return *model_; }
    /// Waits for its turn and for the network. Throws base::Error.
    Result run(const Job& job, const Limits& limits);
    /// Runs the network beside the streams; started when it is first asked for.
    Worker& worker();

private:
    std::vector<base::Detection> look(const Input& input, const Limits& limits);

    std::unique_ptr<Model> model_;
    std::mutex mutex_; ///< of the turns and the making of the worker
    std::condition_variable turn_;
    std::uint64_t nextTicket_ = 0, serving_ = 0;
    std::unique_ptr<Worker> worker_; ///< last: it uses all of the above
};

} // namespace yolo
