#include "eventfeed.hpp"

#include "net/backoff.hpp"
#include "net/deadline.hpp"
#include "pullpoint.hpp"

#include <glib.h>

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

/// Cameras have few places for subscribers: leave ours even when nothing is to be waited for.
void leave(const Camera& camera, const PullPoint& subscription) {
    if (!subscription.subscribed())
        return;
    try {
        const net::Deadline deadline(lastWord);
        const auto last = camera.again(deadline.cancel(), lastWord);
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
    } catch (...) {
        // After silence too: it may be one question that this camera hangs up on.
        leave(camera, subscription);
        throw;
    }
}

} // namespace

void followEvents(const OpenCamera& open, const EventListener& listener,
                  const net::Cancel& cancel) {
    net::Backoff backoff(firstPause, longestPause, g_random_double);
    for (;;) {
        bool answered = true;
        try {
            const auto camera = open(cancel);
            listen(*camera, listener, cancel, [&] { backoff.reset(); });
        } catch (const net::Cancelled&) {
            return;
        } catch (const Error& error) {
            const bool final = hopeless(error);
            if (cancel.cancelled())
                return;
            listener.lost(error, final);
            if (final)
                return;
            answered = error.kind() != ErrorKind::Unreachable;
        }
        if (!cancel.pause(backoff.next(answered)))
            return;
    }
}

} // namespace onvif
