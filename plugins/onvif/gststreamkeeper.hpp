#pragma once

#include "gstonvifsrc.hpp"
#include "gststreampads.hpp"
#include "gststreamsession.hpp"
#include "net/cancel.hpp"

#include <mutex>
#include <thread>

namespace onvif {

/// Asks the camera, opens its stream and hears what becomes of it, from READY->PAUSED and back. A
/// thread of its own waits for the camera, so that nobody else does.
class StreamKeeper {
public:
    StreamKeeper(GstOnvifSrc* owner, Companions& companions);

    void start(const SourceSettings& settings);
    void cancel(); ///< ends the asking, not yet the stream; what breaks from now on is our doing
    void stop();   ///< after cancel(): takes the stream down

    /// A message from inside. True: it is understood and has no business outside.
    bool heard(GstMessage* message);
    /// The first error of a run is posted, what follows from it is not.
    void fail(const base::Error& error);

    CameraNow now() const;
    GstStructure* stats() const; ///< the caller owns it

private:
    void run();
    void work();
    void announce(const Stream& stream);
    void open(const Stream& stream);
    void close();
    void setPhase(const char* phase);
    std::string host() const;
    Trace tracer();

    GstOnvifSrc* owner_;
    Companions& companions_;
    StreamPads pads_;
    StreamSession session_;
    net::Cancel cancel_;
    std::thread thread_;
    bool prepared_ = false; ///< companions have seen the rtspsrc that there is

    mutable std::mutex mutex_; ///< for all below; never held while others are called
    SourceSettings settings_;
    const char* phase_ = "stopped";
    std::optional<Stream> stream_;
    bool running_ = false, failed_ = false;
    GstClockTime started_ = GST_CLOCK_TIME_NONE, resolved_ = GST_CLOCK_TIME_NONE;
};

} // namespace onvif
