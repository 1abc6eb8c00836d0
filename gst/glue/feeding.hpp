#pragma once

#include "glue/ref.hpp"

namespace glue {

// From an appsink of one pipeline into an appsrc of another.

/// Whether what feeds `in` sets the pace by itself. So it is taken to be where nobody knows.
bool isLive(GstPad* in);

/// A live source sets the pace by itself, and waiting again costs 20-28 ms; a file needs a brake.
/// Sets "sync" of `sink` by what feeds its pad `in`.
void paceBySource(GstElement* sink, GstPad* in);

/// Asks what feeds `sink` for a key frame. False when nothing there can be asked.
bool askForKeyFrame(GstElement* sink);

/// Drops what goes out of `inner` while `outer`, the ghost pad of it, is linked to nothing: a
/// stream that nobody wants is no error.
void dropUnwanted(GstPad* inner, GstPad* outer);

/// Where the moments of the pipeline of `from` lie in that of `to`, as of when it was made.
class Crossing {
public:
    Crossing(GstElement* from, GstElement* to);

    /// Whether there is a time in the pipeline of `to`.
    explicit operator bool() const { return plays_; }
    /// The position there of what was at `runningTime`. Where the two do not count the same clock,
    /// or the time is not known, it is now. Nothing lies in the future: a sink would wait for it.
    GstClockTime position(GstClockTime runningTime) const;

private:
    bool plays_ = false, sameClock_ = false;
    GstClockTimeDiff now_ = 0;   ///< in the pipeline of `to`
    GstClockTimeDiff shift_ = 0; ///< between the base times
};

/// A shallow copy of `buffer`, which was at `runningTime` in the pipeline of `from`, with the
/// timestamps it has in the pipeline of `to` (see Crossing), and at 0 while that does not play yet.
Ref<GstBuffer> retimed(GstBuffer* buffer, GstClockTime runningTime, GstElement* from,
                       GstElement* to);

} // namespace glue
