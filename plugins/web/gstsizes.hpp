#pragma once

#include "web/gstfeed.hpp"
#include "web/gsttrack.hpp"
#include "web/quality.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace web {

/// What one viewer gets of one picture (or sound) that may be there in several sizes: one of them
/// at a time, its choice or its network's. Another size comes in at its next key frame, into the
/// same RTP stream. In the loop's thread.
class Sizes {
public:
    using Tracks = std::vector<std::shared_ptr<Track>>;
    using NeedsKeyFrame = std::function<void(Track&)>;

    Sizes(Tracks tracks, std::shared_ptr<Feed> feed, NeedsKeyFrame needsKeyFrame);
    ~Sizes();
    Sizes(const Sizes&) = delete;
    Sizes& operator=(const Sizes&) = delete;

    /// Tells webrtcbin what will.
    void announce() { web::announce(*feed_); }
    /// Packets may flow.
    void open();
    void replayIfWaiting();
    void askForKeyFrame();

    bool isChoice() const { return tracks_.size() > 1; }
    /// "auto", or the place of a size in json(). False when there is none such.
    bool choose(const std::string& id);
    /// What the viewer says of its network.
    void report(double loss, std::chrono::milliseconds roundTrip);
    /// While the size that should be shown does not come, another does. Once a second.
    void look();
    /// How long the browser is to hold pictures back; for how much of that it has seen none anyway.
    void delay(std::chrono::milliseconds time, std::chrono::milliseconds stood = {}) {
        feed_->aim(time, stood);
    }
    /// {"selected":"auto","current":"0","layers":[{"encodingId":"0","width":1280,"height":720},…]}
    std::string json() const;

    const Track* shown() const;
    bool has(const Track& track) const;
    std::size_t index() const;
    std::size_t count() const { return tracks_.size(); }
    /// Its RTP timestamps are not those of shown().
    bool isShifted() const;
    Feed& feed() const { return *feed_; }

private:
    void show(std::size_t index);
    void turnTo(std::size_t index);
    std::size_t best() const;

    Tracks tracks_; ///< the largest first
    std::shared_ptr<Feed> feed_;
    NeedsKeyFrame needsKeyFrame_;
    QualityChooser chooser_;
    std::size_t wanted_ = 0; ///< by the viewer, or its network
    std::size_t turn_ = 0;   ///< that comes, or will from its next key frame on
    bool automatic_ = true;
};

} // namespace web
