#pragma once

#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>

#include <atomic>
#include <chrono>
#include <memory>

namespace onvif {

/// Keeps an RTSP session over one TCP connection alive. rtspsrc 1.22 does that for UDP; over TCP it
/// asks only while nothing comes in, and there are cameras that count no RTCP report and end the
/// session. So it is asked for an empty GET_PARAMETER now and then, in its receiving thread and
/// between two packets: from anywhere else that would cut a packet in two. Where the camera does
/// not offer GET_PARAMETER, rtspsrc sends nothing.
class StreamKeepAlive {
public:
    /// `rtspsrc` ends before this does.
    void start(GstElement* rtspsrc, std::chrono::milliseconds interval);
    void stop();
    /// For each packet that comes in, in the receiving thread.
    void received();
    /// In before-send: takes out what a question without parameters does not need.
    static void trim(GstRTSPMessage* message);
    /// The camera was asked and has not answered: where its connection broke, that may be why.
    bool unanswered() const { return *open_ > 0; }

private:
    void ask();

    GstElement* rtspsrc_ = nullptr; ///< null: do not ask
    std::chrono::steady_clock::duration interval_{};
    std::chrono::steady_clock::time_point last_{}; ///< receiving thread
    /// Questions without an answer yet; a promise may outlive us.
    std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
};

} // namespace onvif
