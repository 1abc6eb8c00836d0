#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace web {

/// Puts the packets of a frame together again that come one by one, so that a viewer's elements are
/// gone through once for a frame and not once for each packet, which is what makes viewers cheap.
/// Nobody can show a part of a frame: where its last packet is marked nothing is lost by waiting.
/// A frame that takes longer, or is larger than most, goes in parts; and nothing waits in a stream
/// that marks no end.
template <class Packet>
class FrameGather {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds longest{5};
    static constexpr std::size_t most = 64; ///< packets

    /// Calls `pass` with all packets whose time has come, in their order.
    template <class Pass>
    void add(Packet packet, std::uint32_t timestamp, bool marker, Clock::time_point now,
             const Pass& pass) {
        if (!packets_.empty() && timestamp != timestamp_) {
            marked_ = false; // the end of that one was not marked, or is lost
            flush(pass);
        }
        if (packets_.empty())
            since_ = now;
        timestamp_ = timestamp;
        marked_ = marked_ || marker;
        packets_.push_back(std::move(packet));
        if (marker || !marked_ || packets_.size() >= most || now - since_ > longest)
            flush(pass);
    }

    template <class Pass>
    void flush(const Pass& pass) {
        const std::vector<Packet> packets = std::exchange(packets_, {});
        if (!packets.empty())
            pass(packets);
    }

    void clear() { packets_.clear(); }

private:
    std::vector<Packet> packets_;
    std::uint32_t timestamp_ = 0;
    Clock::time_point since_{};
    bool marked_ = false;
};

} // namespace web
