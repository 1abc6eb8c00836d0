#include "eventfeed.hpp"

#include "net/random.hpp"
#include "pullpoint.hpp"

#include <algorithm>
#include <cstdint>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

constexpr milliseconds lastWord{300}, firstPause{1000}, longestPause{60000};
/// How long the camera may hold a pull back. Some hang up after ten seconds (quirk E2).
constexpr std::chrono::seconds pollTime{8};

bool hopeless(const Error& error) {
    return error.kind() == ErrorKind::NotAuthorized || error.kind() == ErrorKind::Unsupported ||
           error.kind() == ErrorKind::Settings;
}

/// Three to five quarters of it.
milliseconds withJitter(milliseconds pause) {
    const std::string bytes = net::randomBytes(1);
    return pause * 3 / 4 + pause * static_cast<std::uint8_t>(bytes[0]) / 512;
}

/// Cameras have few places for subscribers: leave ours even when nothing is to be waited for.
void leave(const Camera& camera, const PullPoint& subscription) {
    if (!subscription.subscribed())
        return;
    try {
        const net::Cancel own;
        const auto last = camera.again(own, lastWord);
        PullPoint same(last->device());
        same.adopt(subscription);
        same.unsubscribe(lastWord);
    } catch (const std::exception&) {
        // It ends by itself within a minute.
    }
}

/// One subscription, from its beginning until something is thrown. `heard` follows each answer.
void listen(Camera& camera, const EventListener& listener, const net::Cancel& cancel,
            const std::function<void()>& heard) {
    PullPoint subscription(camera.device());
    try {
        subscription.subscribe();
        listener.listening();
        for (;;) {
            for (const Event& event : subscription.pull(pollTime))
                listener.happened(event);
            heard();
            cancel.check();
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Unreachable)
            leave(camera, subscription);
        throw;
    } catch (const net::Cancelled&) {
        leave(camera, subscription);
        throw;
    }
}

} // namespace

void followEvents(const OpenCamera& open, const EventListener& listener,
                  const net::Cancel& cancel) {
    milliseconds pause = firstPause;
    for (;;) {
        try {
            const auto camera = open(cancel);
            listen(*camera, listener, cancel, [&] { pause = firstPause; });
        } catch (const net::Cancelled&) {
            return;
        } catch (const Error& error) {
            const bool final = hopeless(error);
            if (cancel.cancelled())
                return;
            listener.lost(error, final);
            if (final)
                return;
        }
        if (!cancel.pause(withJitter(pause)))
            return;
        pause = std::min(pause * 2, longestPause);
    }
}

} // namespace onvif
