#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace web {

/// When a frame was taken, by the clocks that know; nanoseconds, negative where one does not.
struct Moment {
    std::int64_t running = -1; ///< the pipeline's running time: when it came in
    std::int64_t ntp = -1;     ///< the camera's own clock, since 1900: the same in all its streams
};

/// The last frames of a stream, so that what was found in another stream of the same camera can be
/// told in this one's RTP timestamps. Cameras send their streams apart, each encoded and delayed in
/// its own way: the camera's clock is believed where both have it, then the time of arrival.
class FrameTimes {
public:
    static constexpr std::size_t capacity = 256;
    /// Two frames of one moment arrive so close together, or are so close in the camera's clock.
    static constexpr std::int64_t same = 8'000'000;
    /// Farther from the nearest frame than this is no frame of the same moment.
    static constexpr std::int64_t apart = 1'000'000'000;

    enum class Answer { Found, Later, Never };
    struct Match {
        Answer answer = Answer::Never; ///< Later: the nearest frame may be one that is yet to come
        std::uint32_t rtp = 0;         ///< when found
        std::int64_t gap = 0;          ///< how far the frame's moment is from the one asked for
    };

    void add(std::uint32_t rtp, Moment moment);
    Match find(const Moment& moment) const;
    void clear() { frames_.clear(); }

private:
    struct Frame {
        std::uint32_t rtp;
        Moment moment;
    };

    std::deque<Frame> frames_; ///< oldest first
};

} // namespace web
