#include "web/detectionmatcher.hpp"

#include <utility>

namespace web {

bool DetectionMatcher::isWanted(std::uint32_t rtp, const Moment& when) {
    if (frame_ == rtp)
        return !told_;
    frame_ = rtp;
    moment_ = when;
    told_ = false;
    times_.add(rtp, when);
    if (!early_.empty())
        for (const Early& e : std::exchange(early_, {}))
            elsewhere(e.detections, e.when);
    return true;
}

void DetectionMatcher::inFrame(const base::Detections& detections) {
    told_ = true;
    found_(detections, *frame_, moment_);
}

bool DetectionMatcher::elsewhere(const base::Detections& detections, const Moment& when) {
    const FrameTimes::Match match = times_.find(when);
    if (match.answer == FrameTimes::Answer::Found)
        found_(detections, match.rtp, when);
    else if (match.answer == FrameTimes::Answer::Later && early_.size() < capacity)
        early_.push_back({detections, when});
    else
        return false;
    return true;
}

void DetectionMatcher::clear() {
    times_.clear();
    early_.clear();
    frame_.reset();
}

} // namespace web
