#pragma once

#include "roster.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace onvif {

struct WatcherSettings {
    /// As in DiscoverySettings; those that are not there yet are taken when they appear.
    std::string interfaces;
    /// From one round of questions to the next.
    std::chrono::milliseconds interval{10000};
    /// A camera that answered none of so many rounds is gone.
    unsigned patience = 3;
};

/// Keeps looking which ONVIF cameras are on the network, in a thread of its own: asks in rounds,
/// hears Hello and Bye in between, follows interfaces that come and go. What is heard and not
/// answered to us is only a reason to ask: nobody can bring a camera in or take it away by saying
/// so. Where port 3702 is not to be had, the rounds alone have to do.
class Watcher {
public:
    /// Is called in the watcher's thread and must neither throw nor destroy the watcher.
    using Listener = std::function<void(const Change&)>;

    /// Returns at once.
    Watcher(WatcherSettings settings, Listener listener);
    /// Takes milliseconds; the listener is not called any more when it is done.
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

private:
    struct Thread;
    std::unique_ptr<Thread> thread_;
};

} // namespace onvif
