#pragma once

#include "gststreamgate.hpp"
#include "gststreamkeepalive.hpp"
#include "gststreampads.hpp"
#include "net/digest.hpp"
#include "stream.hpp"

#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

namespace onvif {

/// One connection to the camera's stream: an rtspsrc inside the element, from its making to its
/// taking down. Its pads go to StreamPads, its messages to the element as those of any child.
class StreamSession {
public:
    struct Hooks {
        std::function<void()> playAsked; ///< from now on the camera owes us a picture
        /// The camera sends us to another host, where nothing of ours goes.
        std::function<void(const std::string& host)> sentElsewhere;
        std::function<void()> refused; ///< the camera does not take the user name or password
    };
    StreamSession(GstBin* owner, StreamPads& pads, Hooks hooks)
        : owner_(owner), pads_(pads), hooks_(std::move(hooks)) {}
    ~StreamSession() { close(); }
    StreamSession(const StreamSession&) = delete;
    StreamSession& operator=(const StreamSession&) = delete;

    /// For a camera that nothing is known of yet.
    void forget() { mayAsk_ = true; }
    /// Makes the rtspsrc, which does nothing yet. Throws base::Error where there is none.
    GstElement* make(const SourceSettings& settings, const Stream& stream);
    /// Brings it to the state of the element, which `stateLock` keeps from changing meanwhile.
    bool open(std::mutex& stateLock);
    /// Its state is ours alone from now on, so that it is stopped by close() and by nothing else.
    void hold();
    /// The first data has come, or none will: close() has nothing to wait for.
    void started();
    /// Takes it away from the pads, stops it, takes it out. Waits for its threads, for a TEARDOWN
    /// of 100 ms at most, and while it is just starting to play for 300 ms at most.
    void close();

private:
    static gboolean beforeSend(GstElement*, GstRTSPMessage* message, gpointer self);
    void keepAlive(const SourceSettings& settings);
    bool mayPlay();
    void settle();

    GstBin* owner_;
    StreamPads& pads_;
    const Hooks hooks_;
    GstElement* rtspsrc_ = nullptr; ///< owned by the bin
    std::string host_;              ///< the only one that is spoken to
    net::Credentials credentials_;
    StreamGate gate_;
    StreamKeepAlive keepAlive_;
    bool mayAsk_ = true; ///< the camera bears being asked whether it is alive

    std::mutex mutex_; ///< for all below
    std::condition_variable settled_;
    bool closing_ = false;
    std::atomic<bool> starting_{false}; ///< between PLAY and the first data
};

} // namespace onvif
