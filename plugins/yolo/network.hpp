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

/// What one stream asks of the network.
struct Ask {
    const Job* job;
    const Limits* limits;
};

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
    /// The same for several streams in one turn: a result for each, with the time that all took.
    std::vector<Result> run(const std::vector<Ask>& asks);
    /// Lets streams share an inference, `pictures` at most; false where the network cannot. Waits
    /// for a trial the first time.
    bool allowBatch(std::size_t pictures);
    /// Runs the network beside the streams; started when it is first asked for.
    Worker& worker();

private:
    struct Turn;

    std::unique_ptr<Model> model_;
    std::mutex mutex_; ///< of the turns and the making of the worker
    std::condition_variable turn_;
    std::uint64_t nextTicket_ = 0, serving_ = 0;
    std::size_t batch_ = 1;
    std::unique_ptr<Worker> worker_; ///< last: it uses all of the above
};

} // namespace yolo
