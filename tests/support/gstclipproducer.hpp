#pragma once

#include "support/gstclip.hpp"
#include "support/gstlivesrc.hpp"

#include <memory>
#include <mutex>

namespace camera {

/// When a clip is shown: the first track that asks starts it, and all tracks of one stream share
/// it, so that picture and sound stay together over any number of rounds.
class ClipTiming {
public:
    explicit ClipTiming(const Clip& clip) : span_(clip.duration) {}
    /// For looking into a clip: buffers are due at their time in it and are never late.
    static std::shared_ptr<ClipTiming> unpaced(const Clip& clip);

    /// The moment at which the first round started; it starts now if it had not.
    GstClockTime origin();
    GstClockTime span() const { return span_; }
    bool live() const { return live_; }
    /// How far into the clip it is now; 0 when it has not started.
    GstClockTime position() const;

private:
    mutable std::mutex mutex_;
    GstClockTime span_;
    bool live_ = true;
    GstClockTime origin_ = GST_CLOCK_TIME_NONE;
};

struct ClipTrack {
    /// What comes out of a track.
    enum Kind { H264, Aac, Pcmu, RawVideo, RawSound };
};

/// One track of a clip, again and again. The file is opened anew for each round: that works for
/// every container, seekable or not, and what was read ahead covers the time it takes. RawVideo
/// comes as I420 at `width` x `height`.
std::unique_ptr<Producer> clipProducer(const Clip& clip, ClipTrack::Kind kind,
                                       std::shared_ptr<ClipTiming> timing, int width = 0,
                                       int height = 0);

/// The picture at `position` as JPEG. Throws base::Error.
std::string clipSnapshot(const Clip& clip, GstClockTime position, int width, int height);

} // namespace camera
