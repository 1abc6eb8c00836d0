#pragma once

#include "glue/ref.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace onvif {

/// The way out of an rtspsrc's session manager. rtspsrc 1.22 forgets the number of its events as it
/// is stopped, and asserts when an event passes it just then, which the first packet of each track
/// brings with it. So the way is shut before the stop.
class StreamGate {
public:
    /// `rtspsrc` is not started yet, and ends before this does. `received` is called for each RTP
    /// packet that comes in, in the thread that receives it.
    void watch(GstElement* rtspsrc, std::function<void()> received);
    /// Nothing more comes out of the jitter buffers, and what was on its way has arrived.
    void shut();

private:
    static void managerMade(GstElement*, GstElement* manager, gpointer self);
    static void padAdded(GstElement*, GstPad* pad, gpointer self);
    static void jitterBufferMade(GstElement*, GstElement* buffer, guint, guint, gpointer self);
    static GstPadProbeReturn in(GstPad*, GstPadProbeInfo*, gpointer self);
    static GstPadProbeReturn out(GstPad*, GstPadProbeInfo*, gpointer self);

    std::function<void()> received_;
    std::atomic<bool> shut_{false};
    std::mutex mutex_; ///< for all below
    std::vector<glue::Ref<GstPad>> outlets_;
};

} // namespace onvif
