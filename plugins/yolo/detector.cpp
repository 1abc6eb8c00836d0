#include "detector.hpp"

#include <algorithm>
#include <sstream>

namespace yolo {
namespace {

/// A second stage looks into so many objects of a frame at most, the surest first.
constexpr std::size_t mostRegions = 16;

Limits limitsFor(const Settings& settings, const Model& model) {
    return limitsOf(settings, model.names(), model.layout().classes);
}

std::vector<std::string> wordsOf(const std::string& list) {
    std::vector<std::string> words;
    std::istringstream in(list);
    for (std::string word; std::getline(in >> std::ws, word, ',');)
        if (!word.empty())
            words.push_back(word.substr(0, word.find_last_not_of(" \t") + 1));
    return words;
}

} // namespace

std::unique_ptr<Detector> Detector::open(const Settings& settings, Events events) {
    if (settings.mode == Mode::Sync)
        return std::make_unique<Detector>(settings, Network::open(settings), std::move(events));
    std::unique_ptr<Detector> detector(new Detector(settings, std::move(events)));
    detector->loader_.load(settings);
    return detector;
}

Detector::Detector(const Settings& settings, Events events)
    : events_(std::move(events)), mode_(settings.mode), settings_(settings),
      loader_([this](auto network, const Settings& s) { adopt(std::move(network), s); },
              [this](const base::Error& error, const Settings&) { refuse(error); }) {
    parseRegion(settings.roi); // now rather than with the first frame
}

Detector::Detector(const Settings& settings, std::shared_ptr<Network> network, Events events)
    : Detector(settings, std::move(events)) {
    use_ = use(std::move(network), settings);
    if (events_.loaded)
        events_.loaded(use_->network->model());
}

std::shared_ptr<Detector::Use> Detector::use(std::shared_ptr<Network> network,
                                             const Settings& settings) {
    const Model& model = network->model();
    auto made = std::make_shared<Use>(
        Use{network, InputMaker(model.width(), model.height(), model.layout().picture),
            limitsFor(settings, model), nullptr, std::nullopt});
    if (mode_ == Mode::Live)
        made->seat = network->worker().join(made->limits, meter_);
    return made;
}

void Detector::adopt(std::shared_ptr<Network> network, const Settings& asked) {
    try {
        const std::lock_guard lock(mutex_);
        if (!settings_.sameNetwork(asked))
            return; // another is on its way
        next_ = use(network, settings_);
    } catch (const base::Error& error) {
        return refuse(error);
    }
    if (events_.loaded)
        events_.loaded(network->model());
}

void Detector::refuse(const base::Error& error) {
    const bool none = !this->network();
    if (events_.refused)
        events_.refused(error, none);
}

void Detector::configure(const Settings& settings) {
    parseRegion(settings.roi);
    const std::lock_guard lock(mutex_);
    const bool another = !settings.sameNetwork(settings_);
    // The next network's classes are not known yet: it is held against them when it is there.
    if (!another)
        for (const auto& use : {use_, next_})
            if (use) {
                use->limits = limitsFor(settings, use->network->model());
                if (use->seat)
                    use->seat->setLimits(use->limits);
            }
    settings_ = settings;
    changed_ = true;
    if (another)
        loader_.load(settings);
}

std::shared_ptr<const Network> Detector::network() const {
    const std::lock_guard lock(mutex_);
    const auto& newest = next_ ? next_ : use_;
    return newest ? newest->network : nullptr;
}

/// The streaming thread takes over here what other threads have prepared.
std::shared_ptr<Detector::Use> Detector::current() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(changed_, false)) {
        schedule_.configure(settings_);
        where_ = settings_.where;
        roi_ = parseRegion(settings_.roi);
        objectClasses_ = wordsOf(settings_.objectClass);
    }
    if (next_) {
        schedule_.reset();
        if (use_) {
            droppedBefore_ += use_->seat ? use_->seat->dropped() : 0;
            loader_.dispose(std::move(use_)); // may wait for an inference, or free a gigabyte
        }
        use_ = std::move(next_);
    }
    return use_;
}

std::vector<base::Rect> Detector::regions(const Context& context) {
    if (where_ == Where::FullFrame)
        return {roi_};
    std::vector<base::Detection> wanted;
    for (const auto& object : context.upstream ? *context.upstream : std::vector<base::Detection>{})
        if (objectClasses_.empty() ||
            std::count(objectClasses_.begin(), objectClasses_.end(), object.label))
            wanted.push_back(object);
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    std::vector<base::Rect> places;
    for (const auto& object : wanted) {
        const base::Rect inside = base::intersect(base::clampToFrame(object.box), roi_);
        if (inside.area() > 0 && places.size() < mostRegions)
            places.push_back(inside);
    }
    const std::lock_guard lock(mutex_);
    stats_.skippedRegions += wanted.size() - std::min(wanted.size(), mostRegions);
    return places;
}

void Detector::look(Use& use, const base::Frame& frame, std::chrono::nanoseconds time,
                    const Context& context) {
    using Clock = std::chrono::steady_clock;
    const std::vector<base::Rect> places = regions(context);
    const auto start = Clock::now();
    if (job_.inputs.size() < places.size())
        job_.inputs.resize(places.size());
    for (std::size_t i = 0; i < places.size(); i++)
        use.maker.make(frame, places[i], job_.inputs[i]);
    job_.used = places.size();
    job_.time = time;
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    std::unique_lock lock(mutex_);
    stats_.prepareMs += (ms - stats_.prepareMs) / static_cast<double>(++prepared_);
    if (use.seat) {
        lock.unlock();
        use.seat->offer(job_);
    } else {
        const Limits limits = use.limits;
        lock.unlock();
        use.latest = use.network->run(job_, limits);
        meter_->count(use.latest->ms);
    }
}

std::optional<base::Detections>
Detector::process(const base::Frame& frame, std::chrono::nanoseconds time, const Context& context) {
    const std::shared_ptr<Use> use = current();
    if (use && schedule_.due(frame, time, context.late && mode_ == Mode::Sync))
        look(*use, frame, time, context);
    std::optional<Result> latest;
    if (use)
        latest = use->seat ? use->seat->latest() : use->latest;
    const std::lock_guard lock(mutex_);
    stats_.frames++;
    droppedBefore_ += !use; // nothing is loaded that could look
    stats_.still = schedule_.still();
    if (!latest)
        return std::nullopt;
    stats_.age = std::max(time - latest->time, std::chrono::nanoseconds(0));
    return base::Detections{std::move(latest->objects), stats_.age, {}};
}

void Detector::flush() {
    schedule_.reset();
    const std::lock_guard lock(mutex_);
    if (!use_)
        return;
    use_->latest.reset();
    if (use_->seat)
        use_->seat->flush();
}

Stats Detector::stats() const {
    const std::lock_guard lock(mutex_);
    Stats stats = stats_;
    stats.timing = meter_->timing();
    stats.dropped = droppedBefore_ + (use_ && use_->seat ? use_->seat->dropped() : 0);
    return stats;
}

} // namespace yolo
