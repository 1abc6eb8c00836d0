#pragma once

#include "base/detection.hpp"
#include "web/frametimes.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace web {

/// Brings the frames of a stream and what was found, in them or in another stream of the same
/// camera, together. What comes before its frame waits for it.
class DetectionMatcher {
public:
    /// This was found in the frame of that RTP timestamp.
    using Found =
        std::function<void(const base::Detections&, std::uint32_t rtp, const Moment& when)>;
    /// Detections that may wait: a second or two, then the frames do not come.
    static constexpr std::size_t capacity = 64;

    explicit DetectionMatcher(Found found) : found_(std::move(found)) {}

    /// A packet of this frame comes in; true when it carries detections that are not known yet, and
    /// should be looked at.
    bool isWanted(std::uint32_t rtp, const Moment& when);
    /// Found in the frame that is coming in: nothing that is told of it elsewhere is nearer.
    void inFrame(const base::Detections& detections);
    /// Found in another stream. False when it was dropped: its frame is gone, or never came.
    bool elsewhere(const base::Detections& detections, const Moment& when);
    void clear();

private:
    struct Early {
        base::Detections detections;
        Moment when;
    };

    /// What was told of a frame last, and how far from its moment it was found.
    struct Nearest {
        std::uint32_t rtp;
        std::string source;
        std::int64_t gap;
    };

    bool isNearer(const FrameTimes::Match& match, const std::string& source);
    void remember(Nearest told);

    Found found_;
    FrameTimes times_;
    std::vector<Early> early_;
    std::deque<Nearest> nearest_;        ///< oldest first
    std::optional<std::uint32_t> frame_; ///< the one that is coming in
    Moment moment_;                      ///< its
    bool told_ = false;
};

} // namespace web
