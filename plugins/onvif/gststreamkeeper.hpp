#pragma once

#include "connectionwatch.hpp"
#include "gstonvifsrc.hpp"
#include "gststreamfacts.hpp"
#include "gststreampads.hpp"
#include "gststreamsession.hpp"
#include "net/backoff.hpp"
#include "net/cancel.hpp"
#include "streamfinder.hpp"

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
    /// In PAUSED nothing is sent, and nothing is missed.
    void setPlaying(bool playing) { watch_.setPlaying(playing); }
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
    using Clock = ConnectionWatch::Clock;

    void run();
    void work();
    base::Error watch();
    void connect();
    Stream ask();
    void open(const Stream& stream);
    void close();
    void recover(base::Error reason);

    bool isOver() const;
    bool retracts(GstMessage* message);
    void announce(const Stream& stream);
    void tell(GstStructure* facts);
    void setPhase(const char* phase);
    std::string host() const;
    base::Error lost(const std::string& how) const;
    Trace tracer();

    GstOnvifSrc* owner_;
    Companions& companions_;
    ConnectionWatch watch_;
    StreamPads pads_;
    StreamSession session_;
    net::Backoff backoff_;
    net::Cancel cancel_;
    std::thread thread_;
    std::mutex stateLock_;
    StreamFinder finder_;   ///< the thread's own
    bool prepared_ = false; ///< companions have seen the rtspsrc that there is

    mutable std::mutex mutex_; ///< for all below; never held while others are called
    SourceSettings settings_;  ///< of this run; written while there is no thread
    const char* phase_ = "stopped";
    std::optional<Stream> stream_;
    bool running_ = false;
    std::optional<Clock::time_point> offline_; ///< since when nothing comes
    unsigned reconnects_ = 0;
    Clock::duration downtime_{0}; ///< of the times before
    GstClockTime started_ = GST_CLOCK_TIME_NONE, resolved_ = GST_CLOCK_TIME_NONE;
};

} // namespace onvif
