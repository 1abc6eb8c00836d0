#include "web/gstsizes.hpp"

#include <algorithm>

namespace web {
namespace {

Sizes::Tracks largestFirst(Sizes::Tracks tracks) {
    const auto area = [](const auto& track) {
        const PacketInput::Size size = track->size();
        return std::int64_t(size.width) * size.height;
    };
    std::stable_sort(tracks.begin(), tracks.end(),
                     [&](const auto& a, const auto& b) { return area(a) > area(b); });
    return tracks;
}

} // namespace

Sizes::Sizes(Tracks tracks, std::shared_ptr<Feed> feed, NeedsKeyFrame needsKeyFrame)
    : tracks_(largestFirst(std::move(tracks))), feed_(std::move(feed)),
      needsKeyFrame_(std::move(needsKeyFrame)), chooser_(tracks_.size()) {}

Sizes::~Sizes() {
    for (const auto& track : tracks_)
        track->remove(feed_);
}

void Sizes::open() {
    for (const auto& track : tracks_)
        track->add(feed_);
    turn_ = best();
    if (!tracks_[turn_]->open(feed_))
        needsKeyFrame_(*tracks_[turn_]);
}

void Sizes::replayIfWaiting() { tracks_[index()]->replayIfWaiting(feed_); }

void Sizes::askForKeyFrame() {
    needsKeyFrame_(*tracks_[index()]);
    if (turn_ != index())
        needsKeyFrame_(*tracks_[turn_]);
}

void Sizes::show(std::size_t index) {
    wanted_ = index;
    turnTo(best());
}

void Sizes::turnTo(std::size_t index) {
    turn_ = index;
    tracks_[index]->takeOver(feed_);
    if (shown() != tracks_[index].get())
        needsKeyFrame_(*tracks_[index]);
}

/// The wanted one, or while that stands still the next smaller one that does not, or a larger one.
std::size_t Sizes::best() const {
    for (std::size_t i = wanted_; i < tracks_.size(); i++)
        if (tracks_[i]->isFlowing())
            return i;
    for (std::size_t i = wanted_; i > 0; i--)
        if (tracks_[i - 1]->isFlowing())
            return i - 1;
    return turn_;
}

void Sizes::look() {
    if (isChoice() && best() != turn_)
        turnTo(best());
}

bool Sizes::choose(const std::string& id) {
    if (id == "auto") {
        chooser_ = QualityChooser(tracks_.size(), wanted_);
        return automatic_ = true;
    }
    for (std::size_t i = 0; i < tracks_.size(); i++)
        if (id == std::to_string(i)) {
            automatic_ = false;
            show(i);
            return true;
        }
    return false;
}

void Sizes::report(double loss, std::chrono::milliseconds roundTrip) {
    if (!automatic_ || !isChoice())
        return;
    const std::size_t best = chooser_.report(QualityChooser::Clock::now(), loss, roundTrip);
    if (best != wanted_)
        show(best);
}

const Track* Sizes::shown() const {
    const std::lock_guard<std::mutex> lock(feed_->mutex);
    return feed_->track ? feed_->track : tracks_[turn_].get();
}

std::size_t Sizes::index() const {
    const Track* track = shown();
    const auto found = std::find_if(tracks_.begin(), tracks_.end(),
                                    [&](const auto& one) { return one.get() == track; });
    return static_cast<std::size_t>(found - tracks_.begin());
}

bool Sizes::has(const Track& track) const {
    return std::any_of(tracks_.begin(), tracks_.end(),
                       [&](const auto& one) { return one.get() == &track; });
}

bool Sizes::isShifted() const {
    const std::lock_guard<std::mutex> lock(feed_->mutex);
    return feed_->splice.isShifted();
}

std::string Sizes::json() const {
    std::string layers;
    for (std::size_t i = 0; i < tracks_.size(); i++) {
        const PacketInput::Size size = tracks_[i]->size();
        layers += (i ? ",{\"encodingId\":\"" : "{\"encodingId\":\"") + std::to_string(i) +
                  "\",\"width\":" + std::to_string(size.width) +
                  ",\"height\":" + std::to_string(size.height) + "}";
    }
    return "{\"selected\":\"" + (automatic_ ? "auto" : std::to_string(wanted_)) +
           "\",\"current\":\"" + std::to_string(index()) + "\",\"layers\":[" + layers + "]}\n";
}

} // namespace web
