#pragma once

#include "base/error.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace onvif {

/// What is known of the one connection to a camera that there is at a time: others tell what
/// happens to it, from any thread, and the thread that keeps the stream waits here for what matters
/// to it. Times are those of the calls.
class ConnectionWatch {
public:
    using Clock = std::chrono::steady_clock;

    /// How long a camera may take.
    struct Patience {
        std::chrono::milliseconds timeout{5000}; ///< for one answer, and for the first picture
        bool datagrams = false; ///< UDP is tried before TCP: the picture has the time twice
    };

    void start(Patience patience); ///< of a run
    /// Nothing of this run is news any more: who waits is thrown out. False when it was over.
    bool finish();
    void setPlaying(bool playing); ///< while it is not, nothing is overdue

    void forget(); ///< a connection is about to be tried: nothing is known of it
    void opened();
    void playAsked();
    void flows();
    /// While this end takes the connection down, what is heard of its loss is no news.
    void setClosing(bool closing);
    /// It is lost, or this end takes it down: what is heard of it now follows from that.
    bool isGone() const;
    void lose(const base::Error& error); ///< the first reason stays
    void retract();                      ///< lost, to be opened again at once with less asked for
    bool isRetracted() const;

    /// Throws what the connection was lost for, or what is overdue; net::Cancelled when finished.
    void untilFlowing();
    /// Returns what it was lost for. `silent` tells what is missing since then, or nothing; it is
    /// asked now and then while the element plays, without a lock held.
    base::Error
    untilLost(const std::function<std::optional<base::Error>(Clock::time_point)>& silent);
    void pause(std::chrono::milliseconds delay); ///< throws net::Cancelled when finished

private:
    void waitAWhile(std::unique_lock<std::mutex>& lock);
    std::optional<base::Error> overdue() const;

    mutable std::mutex mutex_; ///< never held while others are called
    std::condition_variable changed_;
    Patience patience_;
    bool finished_ = false, closing_ = false, flowing_ = false, retracted_ = false;
    std::optional<base::Error> lost_;
    std::optional<Clock::time_point> playing_, opened_, playAsked_;
};

} // namespace onvif
