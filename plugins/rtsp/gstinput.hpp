#pragma once

#include "base/keyrequests.hpp"
#include "glue/appinput.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rtspserve {

/// One input of rtspserversink: an appsink in the bin, whose encoded frames go to the appsrc of
/// every media that the RTSP server has made of it. Nothing that a client does reaches further up
/// than here, except a coalesced wish for a key frame.
class Input {
public:
    struct Counters {
        guint64 frames = 0, bytes = 0, keyRequests = 0;
    };

    /// Throws base::Error when the elements it needs are missing.
    Input(GstBin* bin, GstPadTemplate* padTemplate, const char* padName);
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    GstPad* pad() const { return in_.pad(); }
    /// What to do with the frames, in gst-launch's words; empty until it is known what flows.
    std::string payloader() const;
    Counters counters() const;

    /// Frames go to this appsrc: one at once, because the server wants to see one before it can
    /// describe the stream, the others after play().
    void attach(GstElement* source);
    void detach(GstElement* source);
    void detachAll();
    /// Somebody watches: frames flow from the next key frame on, which is asked for.
    void play();
    /// Asks upstream; where that was done a moment ago, again after another moment.
    void askForKeyFrame();

    /// Forgets what flowed. On the way to READY.
    void reset();
    /// Takes elements and pad out of the bin.
    void dispose();

private:
    using Clock = std::chrono::steady_clock;
    /// A hundred clients that join together cost one key frame.
    static constexpr std::chrono::milliseconds keyFrameSpacing{300};

    struct Outlet {
        enum class State { Preparing, Held, Waiting, Flowing };
        glue::Ref<GstElement> source;
        State state = State::Preparing;
        Clock::time_point since{}; ///< when it began to wait for a key frame
    };

    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    static void onEos(GstAppSink* sink, gpointer self);
    static GstPadProbeReturn onEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self);
    bool take(GstSample* sample); ///< whether it is time to ask for a key frame
    void countKeyRequest(base::KeyRequests::Clock::time_point now);
    bool wants(Outlet& outlet, bool key) const;
    void push(const Outlet& outlet, GstBuffer* buffer, GstClockTime runningTime) const;

    glue::AppInput in_;

    mutable std::mutex mutex_; ///< for all below
    glue::Ref<GstCaps> caps_;
    glue::Ref<GstBuffer> lastKey_; ///< the newest frame that can be decoded by itself
    std::vector<Outlet> outlets_;
    Counters counters_;
    base::KeyRequests keys_{keyFrameSpacing};
};

} // namespace rtspserve
