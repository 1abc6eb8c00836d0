#include "network.hpp"

#include "base/error.hpp"
#include "priority.hpp"
#include "worker.hpp"

#include <future>
#include <map>
#include <tuple>

namespace yolo {
namespace {

std::shared_ptr<Network> load(const Settings& settings) {
    // In a thread of its own: an engine's threads inherit its priority.
    auto model = std::async(std::launch::async, [&] {
        if (settings.mode == Mode::Live)
            giveWay();
        ModelSettings wanted;
        wanted.model = settings.model;
        wanted.labels = settings.labels;
        wanted.layout = settings.layout;
        wanted.engine.engine = settings.engine;
        wanted.engine.device = infer::Device::parse(settings.device);
        wanted.engine.threads = static_cast<int>(settings.threads);
        std::tie(wanted.engine.width, wanted.engine.height) = parseSize(settings.inputSize);
        return Model::open(wanted);
    });
    return std::make_shared<Network>(model.get());
}

/// The networks that one `model-instance-id` stands for. While an element changes to another, the
/// old one and the new one.
struct Shelf {
    struct Place {
        Settings settings;
        std::weak_ptr<Network> network;
    };
    std::mutex loading; ///< who wants what is being loaded waits for it
    std::vector<Place> places;
};

std::shared_ptr<Shelf> shelfOf(const std::string& id) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<Shelf>> shelves;
    const std::lock_guard lock(mutex);
    auto& shelf = shelves[id];
    if (!shelf)
        shelf = std::make_shared<Shelf>();
    return shelf;
}

bool suits(const Shelf::Place& place, const Settings& settings) {
    return settings.model.empty() || place.settings.sameNetwork(settings);
}

std::shared_ptr<Network> found(const Settings& settings) {
    if (settings.modelInstanceId.empty())
        return load(settings);
    const auto shelf = shelfOf(settings.modelInstanceId);
    const std::lock_guard lock(shelf->loading);
    auto& places = shelf->places;
    for (auto place = places.rbegin(); place != places.rend(); ++place)
        if (auto there = suits(*place, settings) ? place->network.lock() : nullptr)
            return there;
    auto made = load(settings);
    places.erase(std::remove_if(places.begin(), places.end(),
                                [](const auto& place) { return place.network.expired(); }),
                 places.end());
    places.push_back({settings, made});
    return made;
}

} // namespace

std::shared_ptr<Network> Network::open(const Settings& settings) {
    auto network = found(settings);
    if (settings.batchSize > 1)
        network->allowBatch(settings.batchSize);
    return network;
}

Network::Network(std::unique_ptr<Model> model) : model_(std::move(model)) {}

Network::~Network() = default;

Worker& Network::worker() {
    const std::lock_guard lock(mutex_);
    if (!worker_) {
        worker_ = std::make_unique<Worker>([this](const auto& asks) { return run(asks); });
        worker_->allowBatch(batch_);
    }
    return *worker_;
}

/// A place in the queue, given back however the network ends.
struct Network::Turn {
    explicit Turn(Network& network) : n(network) {
        std::unique_lock lock(n.mutex_);
        const std::uint64_t ticket = n.nextTicket_++;
        n.turn_.wait(lock, [&] { return n.serving_ == ticket; });
    }
    ~Turn() {
        {
            const std::lock_guard lock(n.mutex_);
            n.serving_++;
        }
        n.turn_.notify_all();
    }
    Turn(const Turn&) = delete;
    Network& n;
};

bool Network::allowBatch(std::size_t pictures) {
    const Turn turn(*this);
    if (!model_->allowBatch(pictures))
        return false;
    const std::lock_guard lock(mutex_);
    batch_ = model_->batch();
    if (worker_)
        worker_->allowBatch(batch_);
    return true;
}

Result Network::run(const Job& job, const Limits& limits) {
    return std::move(run(std::vector<Ask>{{&job, &limits}}).front());
}

std::vector<Result> Network::run(const std::vector<Ask>& asks) {
    using Clock = std::chrono::steady_clock;
    const Turn turn(*this);
    const auto start = Clock::now();
    std::vector<Model::Look> looks;
    for (const Ask& ask : asks)
        for (std::size_t i = 0; i < ask.job->used; i++) {
            const Input& input = ask.job->inputs[i];
            looks.push_back({input.tensor.data(), input.place, *ask.limits});
        }
    const auto found = model_->detect(looks);
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    std::vector<Result> results;
    auto objects = found.begin();
    for (const Ask& ask : asks) {
        Result& result = results.emplace_back();
        result.time = ask.job->time;
        result.ms = ms;
        for (std::size_t i = 0; i < ask.job->used; i++)
            for (const base::Detection& object : *objects++)
                result.objects.push_back(outOf(ask.job->inputs[i].region, object));
    }
    return results;
}

} // namespace yolo
