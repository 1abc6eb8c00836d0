#pragma once

#include "backoff.hpp"
#include "gstonvifsrc.hpp"
#include "gststreamfacts.hpp"
#include "gststreampads.hpp"
#include "gststreamsession.hpp"
#include "net/cancel.hpp"
#include "streamfinder.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace onvif {

/// Keeps the stream of one onvifsrc going, from READY->PAUSED and back: asks the camera, opens its
/// stream, watches it, and does all that again when it was lost. A thread of its own waits for the
/// camera, so that nobody else does.
class StreamKeeper {
public:
    StreamKeeper(GstOnvifSrc* owner, Companions& companions);

    void start(const SourceSettings& settings);
    void setPlaying(bool playing); ///< in PAUSED nothing is sent, and nothing is missed
    void cancel(); ///< ends the asking, not yet the stream; what breaks from now on is our doing
    void stop();   ///< after cancel(): takes the stream down
    void end();    ///< nobody wants more: the end goes out on every pad

    /// Held while the element changes its state, so that a new rtspsrc gets the one it came to.
    std::mutex& stateLock() { return stateLock_; }

    /// A message from inside. True: it is understood and has no business outside.
    bool heard(GstMessage* message);
    /// The first error of a run is posted, what follows from it is not.
    void fail(const base::Error& error);

    CameraNow now() const;
    GstStructure* stats() const; ///< the caller owns it

private:
    using Clock = std::chrono::steady_clock;

    void run();
    void work();
    void connect();
    Stream ask();
    void open(const Stream& stream);
    void close();
    void untilFlowing();
    base::Error untilLost();
    void recover(base::Error reason);
    void pause(std::chrono::milliseconds delay);

    bool isOver() const;
    bool isRetracted() const;
    bool retracts(GstMessage* message);
    void lose(const base::Error& error);
    void waitAWhile(std::unique_lock<std::mutex>& lock);
    std::optional<base::Error> overdue() const;
    void announce(const Stream& stream);
    void tell(GstStructure* facts);
    void setPhase(const char* phase);
    std::string host() const;
    base::Error lost(const std::string& how) const;
    Trace tracer();

    GstOnvifSrc* owner_;
    Companions& companions_;
    StreamPads pads_;
    StreamSession session_;
    Backoff backoff_;
    net::Cancel cancel_;
    std::thread thread_;
    std::mutex stateLock_;
    StreamFinder finder_;   ///< the thread's own
    bool prepared_ = false; ///< companions have seen the rtspsrc that there is

    mutable std::mutex mutex_; ///< for all below; never held while others are called
    std::condition_variable changed_;
    SourceSettings settings_; ///< of this run; written while there is no thread
    const char* phase_ = "stopped";
    std::optional<Stream> stream_;
    std::optional<base::Error> lost_; ///< what became of this connection
    bool running_ = false, failed_ = false, closing_ = false, flowing_ = false;
    bool retracted_ = false; ///< the stream is opened again at once, with less asked for
    std::optional<Clock::time_point> playing_;   ///< since when the element is
    std::optional<Clock::time_point> opened_;    ///< since when this connection is tried
    std::optional<Clock::time_point> playAsked_; ///< of this connection
    std::optional<Clock::time_point> offline_;   ///< since when nothing comes
    unsigned reconnects_ = 0;
    Clock::duration downtime_{0}; ///< of the times before
    GstClockTime started_ = GST_CLOCK_TIME_NONE, resolved_ = GST_CLOCK_TIME_NONE;
};

} // namespace onvif
