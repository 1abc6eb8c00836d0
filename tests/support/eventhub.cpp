#include "support/eventhub.hpp"

#include <algorithm>

namespace camera {
namespace {

using namespace std::chrono_literals;

constexpr auto beat = 2s;          ///< of the scene's motion
constexpr unsigned beatsStill = 4; ///< after one beat of motion
constexpr std::size_t many = 200;  ///< what the ill events-many has waiting

} // namespace

EventHub::EventHub(net::EventLoop& loop, const Ills& ills) : loop_(loop), ills_(ills) {
    for (const EventTopic& topic : eventTopics())
        if (topic.property)
            states_[{topic.name, topic.source.front().value}] = false;
    loop_.call([this] { expiry_ = loop_.every(1s, [this] { expire(); }); });
}

EventHub::~EventHub() {
    loop_.call([this] {
        *alive_ = false;
        expiry_.cancel();
        motion_.cancel();
        subscriptions_.clear();
    });
}

void EventHub::raise(const EventTopic& topic, bool on, const std::string& source) {
    loop_.post([this, alive = alive_, &topic, on, source] {
        if (*alive)
            happen(topic, on, source);
    });
}

void EventHub::listen(std::function<void(const Event&)> listener) {
    loop_.call([&] { listeners_.push_back(std::move(listener)); });
}

void EventHub::startMotion() {
    loop_.call([this] {
        motion_ = loop_.every(beat, [this] {
            const bool moves = beats_++ % (beatsStill + 1) == 0;
            happen(*eventTopic("VideoSource/MotionAlarm"), moves, {});
            happen(*eventTopic("CellMotionDetector/Motion"), moves, {});
        });
    });
}

Event EventHub::make(const EventTopic& topic, bool on, const std::string& source,
                     const std::string& operation) const {
    Event event{&topic, std::chrono::system_clock::now(), operation, on ? topic.on : topic.off,
                topic.source};
    if (!source.empty())
        event.source.front().value = source;
    return event;
}

void EventHub::happen(const EventTopic& topic, bool on, const std::string& source) {
    std::string operation;
    if (topic.property) {
        bool& state = states_[{topic.name, source.empty() ? topic.source.front().value : source}];
        if (state == on)
            return;
        state = on;
        operation = "Changed";
    }
    const Event event = make(topic, on || !topic.property, source, operation);
    for (const auto& listener : listeners_)
        listener(event);
    for (auto& [id, subscription] : subscriptions_)
        if (subscription.filter.matches(topic.name)) {
            queue(subscription, event);
            deliver(subscription);
        }
}

void EventHub::queue(Subscription& subscription, Event event) const {
    subscription.queue.push_back(std::move(event));
    if (subscription.queue.size() > longestQueue)
        subscription.queue.pop_front();
}

/// Answers who waits, when there is something to answer with.
void EventHub::deliver(Subscription& subscription) {
    if (!subscription.waiting || subscription.queue.empty())
        return;
    const std::size_t limit = ills_.has("events-many") ? longestQueue : subscription.limit;
    const auto count = std::min(limit, subscription.queue.size());
    const auto end = subscription.queue.begin() + static_cast<std::ptrdiff_t>(count);
    const Batch batch(subscription.queue.begin(), end);
    subscription.queue.erase(subscription.queue.begin(), end);
    subscription.patience.cancel();
    const Deliver waiting = std::exchange(subscription.waiting, nullptr);
    waiting(batch);
}

void EventHub::expire() {
    const Instant now = std::chrono::system_clock::now();
    for (auto i = subscriptions_.begin(); i != subscriptions_.end();) {
        const unsigned id = i->first;
        const bool over = i->second.until < now && !i->second.waiting;
        ++i;
        if (over)
            unsubscribe(id);
    }
}

unsigned EventHub::subscribe(const TopicFilter& filter, Instant until) {
    if (subscriptions_.size() >= mostSubscriptions)
        return 0;
    const unsigned id = next_++;
    Subscription& made = subscriptions_[id];
    made.filter = filter;
    made.until = until;
    synchronize(id);
    if (ills_.has("events-many"))
        for (std::size_t i = 0; i < many; ++i)
            queue(made, make(*eventTopic("LineDetector/Crossed"), true, {}, {}));
    return id;
}

void EventHub::renew(unsigned id, Instant until) { subscriptions_.at(id).until = until; }

void EventHub::unsubscribe(unsigned id) {
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end())
        return;
    const Deliver waiting = std::move(found->second.waiting);
    subscriptions_.erase(found);
    if (waiting)
        waiting({});
}

void EventHub::synchronize(unsigned id) {
    Subscription& subscription = subscriptions_.at(id);
    for (const auto& [key, on] : states_) {
        const EventTopic& topic = *eventTopic(key.first);
        if (subscription.filter.matches(topic.name))
            queue(subscription, make(topic, on, key.second, "Initialized"));
    }
    deliver(subscription);
}

void EventHub::pull(unsigned id, std::size_t limit, std::chrono::milliseconds timeout,
                    Deliver deliver) {
    Subscription& subscription = subscriptions_.at(id);
    if (const Deliver before = std::exchange(subscription.waiting, nullptr))
        before({}); // who asks again waits no longer for the answer before
    subscription.limit = limit;
    subscription.waiting = std::move(deliver);
    subscription.patience = loop_.after(timeout, [this, id] {
        const auto late = subscriptions_.find(id);
        if (late == subscriptions_.end() || !late->second.waiting)
            return;
        const Deliver waiting = std::exchange(late->second.waiting, nullptr);
        waiting({});
    });
    this->deliver(subscription);
}

} // namespace camera
