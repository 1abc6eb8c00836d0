#pragma once

#include "glue/appinput.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace retry {

/// What the inputs of one connection know of each other. Muxers write down at their first buffer
/// what there is: sound that came before the first key frame would have it be all.
struct Overture {
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    std::atomic<int> awaited{0}; ///< video inputs that have not begun
};

/// One input of retrysink: an appsink in the bin, whose buffers go to the appsrc of the branch
/// while there is one. Whatever becomes of the branch, buffers are taken: what it cannot have is
/// dropped and counted, and it goes on at a key frame.
class RetryInput {
public:
    using Clock = std::chrono::steady_clock;

    /// Throws base::Error when the elements it needs are missing. `ended` is called when the stream
    /// is over, in the streaming thread.
    RetryInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName,
               std::function<void()> ended);
    RetryInput(const RetryInput&) = delete;
    RetryInput& operator=(const RetryInput&) = delete;

    GstPad* pad() const { return in_.pad(); }
    guint64 buffers() const { return buffers_; }
    guint64 drops() const { return drops_; }

    /// Buffers go to this appsrc, from the next key frame on, which is asked for. Sound waits for
    /// the pictures for a while.
    void connect(GstElement* source, guint64 maxBuffers, std::shared_ptr<Overture> overture);
    void disconnect();
    /// No more will come for this branch.
    void sendEnd();
    bool ended() const;
    /// For how long the branch has had something to take and taken nothing.
    Clock::duration stalled();

    /// Forgets what flowed. On the way to READY.
    void reset();
    /// Takes elements and pad out of the bin.
    void dispose();

private:
    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    static void onEos(GstAppSink* sink, gpointer self);
    static GstPadProbeReturn onEvent(GstPad* pad, GstPadProbeInfo* info, gpointer self);
    bool take(GstSample* sample);
    guint64 look();
    bool begins(const GstBuffer* buffer) const;
    void askForKeyFrame();
    void begun();

    glue::AppInput in_;
    std::function<void()> onEnd_;
    std::atomic<guint64> buffers_{0}, drops_{0};

    mutable std::mutex mutex_; ///< for all below
    glue::Ref<GstElement> source_;
    glue::Ref<GstCaps> caps_;
    guint64 maxBuffers_ = 0;
    guint64 level_ = 0; ///< that waited in `source_` when it was looked at last
    Clock::time_point moved_{};
    bool waiting_ = true;                ///< for a key frame
    std::shared_ptr<Overture> overture_; ///< until it has begun
    bool ended_ = false;
};

} // namespace retry
