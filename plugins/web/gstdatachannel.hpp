#pragma once

#include <gst/webrtc/webrtc.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace web {

/// Calls `take` with each channel that the peer of `webrtc` opens, from webrtcbin's SCTP threads.
/// Returns the signal handler.
gulong watchDataChannels(GstElement* webrtc,
                         std::function<void(std::shared_ptr<GstWebRTCDataChannel>)> take);

/// The data channel on which one browser is told what is in the frames. Newest wins: while more
/// than a second's worth waits for its network, only the last message is kept, and what it replaces
/// is counted. In the viewers' loop.
class DataChannel {
public:
    using Text = std::shared_ptr<const std::string>;

    /// Takes the channel. `changed` is called from webrtcbin's threads when it has opened or has
    /// room again: then call resume() in the loop.
    DataChannel(std::shared_ptr<GstWebRTCDataChannel> channel,
                const std::function<void()>& changed);
    ~DataChannel();
    DataChannel(const DataChannel&) = delete;
    DataChannel& operator=(const DataChannel&) = delete;

    void send(Text text);
    void resume();

    std::uint64_t messages() const { return messages_; }
    std::uint64_t drops() const { return drops_; }

    static std::string labelOf(GstWebRTCDataChannel* channel);

private:
    bool hasRoom() const;

    std::shared_ptr<GstWebRTCDataChannel> channel_;
    Text waiting_;
    std::uint64_t messages_ = 0;
    std::uint64_t drops_ = 0;
};

} // namespace web
