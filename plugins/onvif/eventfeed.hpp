#pragma once

#include "camera.hpp"
#include "event.hpp"

#include <functional>

namespace onvif {

/// Who hears a camera's events, in the thread of `followEvents`.
struct EventListener {
    std::function<void(const Event&)> happened;
    std::function<void()> listening; ///< a subscription was made; `Initialized` events follow
    /// Nothing is heard any more. It is tried again unless `final`, when the camera has no events
    /// for us (refused, or none offered).
    std::function<void(const base::Error&, bool final)> lost;
};

/// Hears what a camera notices, and blocks until `cancel` is thrown or there is nothing to hear.
/// A subscription that was lost is made anew as a lost stream is (net/backoff.hpp), after 1 s, 2 s,
/// … 60 s where the camera answers. Leaves the camera's subscription at the end, which takes as
/// long as its answer, at most 300 ms.
void followEvents(const OpenCamera& open, const EventListener& listener, const net::Cancel& cancel);

} // namespace onvif
