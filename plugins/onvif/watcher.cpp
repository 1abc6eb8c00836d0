#include "watcher.hpp"

#include "asker.hpp"
#include "base/error.hpp"
#include "ears.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <thread>
#include <vector>

namespace onvif {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds repeatAfter{250}; ///< datagrams get lost
constexpr milliseconds lookDelay{300};   ///< an interface changes in several steps
constexpr milliseconds roundGap{3000};   ///< between rounds out of turn
constexpr milliseconds helloGap{1000};   ///< between questions to one host that says Hello
constexpr std::size_t maxHellos = 32;    ///< hosts that are asked for it in that time

/// What is watched, by the watcher's thread alone.
class Watch {
public:
    Watch(const WatcherSettings& settings, const Watcher::Listener& listener,
          const net::Cancel& cancel)
        : settings_(settings), listener_(listener), cancel_(cancel), roster_(settings.patience) {}

    void run() {
        for (;;) {
            const auto now = Clock::now();
            if (news_.take() && !lookAt_)
                lookAt_ = now + lookDelay;
            if (now >= std::min(nextRound_, lookAt_.value_or(nextRound_)))
                lookAround();
            ask(now);
            net::waitReadable(descriptors(now), untilNext(now), cancel_);
            hear();
            for (const Change& change : roster_.changes(Clock::now()))
                listener_(change);
        }
    }

private:
    /// The interfaces as they are now; when they are others than before, everybody is asked again.
    /// That is no round: cables that are plugged about would let cameras miss one after the other.
    void lookAround() {
        lookAt_.reset();
        std::vector<std::string> missing;
        const auto interfaces = chosenInterfaces(settings_.interfaces, missing);
        std::string look;
        for (const auto& interface : interfaces)
            for (const auto& address : interface.addresses)
                look += interface.name + " " + std::to_string(interface.index) + " " +
                        address.host() + "\n";
        if (asker_ && look == look_ && !asker_->deaf())
            return;
        look_ = look;
        asker_ = std::make_unique<Asker>(waysOf(interfaces));
        ears_ = std::make_unique<Ears>(interfaces);
        otherInterfaces_ = true;
    }

    void ask(Clock::time_point now) {
        const bool wanted = (wantsRound_ || roster_.wantsRound()) && now >= lastRound_ + roundGap;
        if (now >= nextRound_) {
            roster_.beginRound(now);
            nextRound_ = now + settings_.interval;
            askAll(now);
        } else if (wanted || otherInterfaces_) {
            roster_.askedAll(now);
            askAll(now);
        } else if (repeats_ > 0 && now >= nextRepeat_) {
            asker_->askAll();
            repeats_--;
            nextRepeat_ = now + 3 * repeatAfter;
        }
        for (const std::string& host : roster_.questions(now))
            if (const auto address = net::SocketAddress::parse(host, discoveryPort))
                asker_->ask(*address);
    }

    void askAll(Clock::time_point now) {
        asker_->askAll();
        lastRound_ = now;
        wantsRound_ = otherInterfaces_ = false;
        repeats_ = firstRound_ ? 2 : 1;
        nextRepeat_ = now + repeatAfter;
        firstRound_ = false;
    }

    void hear() {
        // Answers first: a Bye that came after them is to be younger.
        const auto found = asker_->listen();
        const auto now = Clock::now();
        for (const Found& camera : found)
            roster_.answered(camera, now);
        for (const auto& said : ears_->listen())
            heard(said, now);
    }

    void heard(const Heard& said, Clock::time_point now) {
        if (said.announcement.leaves) {
            roster_.saidBye(said.announcement.endpoint, now);
            return;
        }
        if (!roster_.unknown(said.announcement.endpoint, said.from.host()))
            return;
        for (auto it = hellos_.begin(); it != hellos_.end();)
            it = now >= it->second + helloGap ? hellos_.erase(it) : std::next(it);
        if (hellos_.size() >= maxHellos || !hellos_.emplace(said.from.host(), now).second)
            return;
        asker_->ask(said.from);
        wantsRound_ = true; // some answer multicast alone
    }

    std::vector<int> descriptors(Clock::time_point now) const {
        std::vector<int> all{news_.descriptor()};
        const auto add = [&](const auto& heard) {
            // Who floods us is left alone until we listen again.
            if (heard.quota().spent() && now < heard.quota().end())
                return;
            for (const int descriptor : heard.descriptors())
                all.push_back(descriptor);
        };
        add(*asker_);
        add(*ears_);
        return all;
    }

    milliseconds untilNext(Clock::time_point now) const {
        auto next = std::min(nextRound_, roster_.next().value_or(nextRound_));
        if (repeats_ > 0)
            next = std::min(next, nextRepeat_);
        if (lookAt_)
            next = std::min(next, *lookAt_);
        if (wantsRound_ || roster_.wantsRound())
            next = std::min(next, lastRound_ + roundGap);
        for (const Quota* quota : {&asker_->quota(), &ears_->quota()})
            if (quota->spent() && now < quota->end())
                next = std::min(next, quota->end());
        return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(next - now));
    }

    const WatcherSettings& settings_;
    const Watcher::Listener& listener_;
    const net::Cancel& cancel_;
    net::NetworkChanges news_;
    std::string look_; ///< of the interfaces
    std::unique_ptr<Asker> asker_;
    std::unique_ptr<Ears> ears_;
    Roster roster_;
    Clock::time_point nextRound_{}, lastRound_{}, nextRepeat_{};
    int repeats_ = 0;
    bool firstRound_ = true, wantsRound_ = false, otherInterfaces_ = false;
    std::optional<Clock::time_point> lookAt_;         ///< at the interfaces, which have changed
    std::map<std::string, Clock::time_point> hellos_; ///< hosts that were asked for their Hello
};

} // namespace

struct Watcher::Thread {
    Thread(WatcherSettings given, Listener taker)
        : settings(std::move(given)), listener(std::move(taker)), thread([this] { run(); }) {}
    ~Thread() {
        cancel.cancel();
        thread.join();
    }

    void run() {
        try {
            Watch(settings, listener, cancel).run();
        } catch (const net::Cancelled&) {
            // That is how it ends.
        }
    }

    const WatcherSettings settings;
    const Listener listener;
    net::Cancel cancel;
    std::thread thread; ///< last: it uses the others
};

Watcher::Watcher(WatcherSettings settings, Listener listener)
    : thread_(std::make_unique<Thread>(std::move(settings), std::move(listener))) {}

Watcher::~Watcher() = default;

} // namespace onvif
