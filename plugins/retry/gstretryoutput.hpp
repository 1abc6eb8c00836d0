#pragma once

#include "glue/ref.hpp"
#include "timeline.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <mutex>
#include <string>

namespace retry {

/// What the outputs of one retrysrc have in common: one timeline, and what has become of it.
struct Passage {
    using Clock = std::chrono::steady_clock;

    /// Held while a pad is announced: a launch line that links one by its name asks the sink's pad
    /// of it twice when another pad is announced at the same time.
    std::mutex exposing;
    mutable std::mutex mutex; ///< for all below
    Timeline timeline;
    Clock::time_point heard{};  ///< when something last came, or the connection was begun
    Clock::time_point passed{}; ///< when something last went out
    bool flowing = false;       ///< something has gone out in this connection
    bool everFlowed = false;
    bool playing = false;
    guint64 buffers = 0, drops = 0, jumps = 0, gaps = 0;
    Clock::duration absent{};
};

/// One output of a retrysrc: an appsrc in the bin, which gets what the branch's appsink has while
/// there is one. Its pad is there from the first buffer on, and stays.
class RetryOutput {
public:
    /// Throws base::Error when the elements it needs are missing.
    RetryOutput(GstBin* bin, unsigned number, GstClockTime latency, Passage& passage);
    ~RetryOutput();
    RetryOutput(const RetryOutput&) = delete;
    RetryOutput& operator=(const RetryOutput&) = delete;

    bool exposed() const;
    /// What this appsink gets goes out from now on; pictures from the next key frame.
    void connect(GstElement* sink, guint64 maxBuffers);
    void disconnect();

private:
    /// Where a wish for a key frame goes: who wishes may still be at it when the output ends.
    struct Asked {
        std::mutex mutex; ///< taken last
        glue::Ref<GstElement> sink;
    };

    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    static GstPadProbeReturn onRequest(GstPad* pad, GstPadProbeInfo* info, gpointer asked);
    void setSink(GstElement* sink);
    glue::Ref<GstBuffer> take(GstSample* sample);
    bool fits(const GstBuffer* buffer);
    glue::Ref<GstBuffer> placed(GstBuffer* buffer, const GstSegment* segment, GstClockTime now);
    void begin();
    void expose();

    GstBin* bin_;
    const std::string name_;
    Passage& passage_;
    glue::Ref<GstElement> source_;
    const std::shared_ptr<Asked> asked_ = std::make_shared<Asked>();
    // Under the passage's lock:
    bool connected_ = false; ///< to a branch
    glue::Ref<GstCaps> caps_;
    guint64 maxBuffers_ = 0;
    bool waiting_ = true; ///< for a key frame
    bool broken_ = true;  ///< the next one does not go on where the one before ended
    glue::Ref<GstPad> pad_;
};

} // namespace retry
