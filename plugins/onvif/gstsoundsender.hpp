#pragma once

#include "glue/ref.hpp"

#include <gst/gst.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

namespace onvif {

/// Carries RTP packets to a camera through rtspsrc, in a thread of its own: over TCP a camera that
/// does not read makes sending wait. Who pushes never waits; half a second of sound is kept, and
/// the oldest goes first.
class SoundSender {
public:
    struct Count {
        std::uint64_t sent = 0, dropped = 0; ///< packets
    };
    static constexpr std::size_t capacity = 25; ///< packets of 20 ms

    /// To the stream of that number; `caps` are its RTP caps.
    SoundSender(GstElement* rtspsrc, unsigned stream, GstCaps* caps);
    /// Joins the thread. A send that waits ends when rtspsrc is stopped, so stop it before.
    ~SoundSender();
    SoundSender(const SoundSender&) = delete;
    SoundSender& operator=(const SoundSender&) = delete;

    void push(glue::Ref<GstBuffer> packet);
    /// Sends nothing more, whatever is left. Waits for the packet that is being sent, 50 ms at
    /// most: rtspsrc wants to close its connection with nobody in it.
    void end();
    Count count() const;

private:
    void run();

    glue::Ref<GstElement> rtspsrc_;
    const unsigned stream_;
    glue::Ref<GstCaps> caps_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<glue::Ref<GstBuffer>> packets_;
    Count count_;
    bool ended_ = false, sending_ = false;
    std::thread thread_;
};

} // namespace onvif
