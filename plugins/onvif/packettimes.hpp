#pragma once

#include <cstdint>

namespace onvif {

/// The running times of one stream's RTP packets, ns, which only go on: pictures that follow each
/// other never have one time between them. rtpjitterbuffer gives a picture the time of the one
/// before where its estimate of the sender's clock falls back, as it does on a busy machine. From
/// the second of two with one time h264parse takes it away, and at a picture without a time muxers
/// give up, and a recording with them.
class PacketTimes {
public:
    using Time = std::uint64_t;
    static constexpr Time none = UINT64_MAX;

    /// Another connection: what it brings is later than all before, and its RTP time is another.
    void restart();

    /// The time of the next packet that rtspsrc places at `running` (`none` stays) and the camera
    /// at `rtp`, in whatever unit: packets of one picture share it, a later picture has a later one
    /// (RFC 3550 section 5.1; it wraps). An earlier one, as of B-frames, keeps its own time.
    Time place(Time running, std::uint32_t rtp);

    Time floor() const { return floor_; } ///< where this connection begins

private:
    Time following(Time running, std::uint32_t rtp) const;

    bool known_ = false; ///< whether a packet of this connection was placed
    std::uint32_t rtp_ = 0;
    Time time_ = 0; ///< of that packet
    Time latest_ = 0, floor_ = 0;
};

} // namespace onvif
