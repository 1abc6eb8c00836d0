#include "gstsoundsender.hpp"

#include <chrono>
#include <utility>

namespace onvif {

SoundSender::SoundSender(GstElement* rtspsrc, unsigned stream, GstCaps* caps)
    : rtspsrc_(glue::share(rtspsrc)), stream_(stream), caps_(glue::share(caps)),
      thread_([this] { run(); }) {}

SoundSender::~SoundSender() {
    end();
    thread_.join();
}

void SoundSender::push(glue::Ref<GstBuffer> packet) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (ended_) {
            count_.dropped++;
            return;
        }
        packets_.push_back(std::move(packet));
        if (packets_.size() > capacity) {
            packets_.pop_front();
            count_.dropped++;
        }
    }
    changed_.notify_all();
}

void SoundSender::end() {
    std::unique_lock<std::mutex> lock(mutex_);
    ended_ = true;
    count_.dropped += packets_.size();
    packets_.clear();
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::milliseconds(50), [this] { return !sending_; });
}

SoundSender::Count SoundSender::count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count_;
}

void SoundSender::run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ended_ || !packets_.empty(); });
        if (ended_)
            return;
        const glue::Ref<GstBuffer> packet = std::move(packets_.front());
        packets_.pop_front();
        sending_ = true;
        lock.unlock();
        // It takes the sample, in all versions. "push-backchannel-sample" does so in 1.22.0 alone,
        // where it is wired to this one.
        GstFlowReturn result = GST_FLOW_OK;
        g_signal_emit_by_name(rtspsrc_.get(), "push-backchannel-buffer", stream_,
                              gst_sample_new(packet.get(), caps_.get(), nullptr, nullptr), &result);
        lock.lock();
        sending_ = false;
        count_.sent++;
        changed_.notify_all();
    }
}

} // namespace onvif
