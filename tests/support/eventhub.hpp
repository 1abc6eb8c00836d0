#pragma once

#include "net/eventloop.hpp"
#include "support/eventtopics.hpp"
#include "support/ills.hpp"
#include "support/xsdtime.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace camera {

/// Something that happened.
struct Event {
    const EventTopic* topic = nullptr;
    Instant time;
    std::string operation; ///< Initialized or Changed; empty where there is no lasting state
    std::string value;     ///< of the topic's Data item
    std::vector<EventTopic::Item> source;
};

/// Hands what happens to those who subscribed: queues, states and the time each subscription has
/// left. It lives in the thread of a loop; raise() and listen() may be called from any.
class EventHub {
public:
    static constexpr std::size_t mostSubscriptions = 32;
    static constexpr std::size_t longestQueue = 500; ///< of one subscription; the oldest go first

    EventHub(net::EventLoop& loop, const Ills& ills);
    ~EventHub();
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    /// A state that changes, or a thing that happens (then `on` does not matter). What is so
    /// already is not told again. `source`, where not empty, stands for the topic's first Source
    /// item.
    void raise(const EventTopic& topic, bool on, const std::string& source = {});
    /// Told of every event, in the loop's thread.
    void listen(std::function<void(const Event&)> listener);
    /// From now on the scene moves now and then.
    void startMotion();

    // In the loop's thread:

    using Batch = std::vector<Event>;
    using Deliver = std::function<void(const Batch&)>;

    /// Returns its number; 0 when there are too many.
    unsigned subscribe(const TopicFilter& filter, Instant until);
    bool known(unsigned id) const { return subscriptions_.count(id) > 0; }
    Instant terminationTime(unsigned id) const { return subscriptions_.at(id).until; }
    void renew(unsigned id, Instant until);
    void unsubscribe(unsigned id);
    /// The current state of every property again, as Initialized.
    void synchronize(unsigned id);
    /// Calls `deliver` once: at once when there is something, else when there is or when `timeout`
    /// has passed.
    void pull(unsigned id, std::size_t limit, std::chrono::milliseconds timeout, Deliver deliver);

private:
    struct Subscription {
        TopicFilter filter;
        Instant until;
        std::deque<Event> queue;
        Deliver waiting;
        std::size_t limit = 0;
        net::Timer patience;
    };

    void happen(const EventTopic& topic, bool on, const std::string& source);
    void queue(Subscription& subscription, Event event) const;
    void deliver(Subscription& subscription);
    void expire();
    Event make(const EventTopic& topic, bool on, const std::string& source,
               const std::string& operation) const;

    net::EventLoop& loop_;
    const Ills& ills_;
    std::map<unsigned, Subscription> subscriptions_;
    std::map<std::pair<std::string, std::string>, bool> states_; ///< by topic and first source
    std::vector<std::function<void(const Event&)>> listeners_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    unsigned next_ = 1;
    unsigned beats_ = 0;
    net::Timer expiry_, motion_;
};

} // namespace camera
