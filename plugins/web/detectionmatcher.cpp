#include "web/detectionmatcher.hpp"

#include <algorithm>
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
    remember({*frame_, detections.source, 0});
    found_(detections, *frame_, moment_);
}

bool DetectionMatcher::elsewhere(const base::Detections& detections, const Moment& when) {
    const FrameTimes::Match match = times_.find(when);
    if (match.answer == FrameTimes::Answer::Found && isNearer(match, detections.source))
        found_(detections, match.rtp, when);
    else if (match.answer == FrameTimes::Answer::Found)
        return true; // the frame has better already
    else if (match.answer == FrameTimes::Answer::Later && early_.size() < capacity)
        early_.push_back({detections, when});
    else
        return false;
    return true;
}

/// A stream with fewer pictures than the one that is looked at has several answers for each of
/// them: only what was found nearest to the picture's own moment is worth telling.
bool DetectionMatcher::isNearer(const FrameTimes::Match& match, const std::string& source) {
    for (auto told = nearest_.rbegin(); told != nearest_.rend(); ++told)
        if (told->rtp == match.rtp && told->source == source)
            return match.gap < std::exchange(told->gap, std::min(told->gap, match.gap));
    remember({match.rtp, source, match.gap});
    return true;
}

void DetectionMatcher::remember(Nearest told) {
    nearest_.push_back(std::move(told));
    if (nearest_.size() > capacity)
        nearest_.pop_front();
}

void DetectionMatcher::clear() {
    times_.clear();
    early_.clear();
    nearest_.clear();
    frame_.reset();
}

} // namespace web
