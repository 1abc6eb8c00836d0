#pragma once

#include "glue/ref.hpp"

namespace glue {

// From an appsink of one pipeline into an appsrc of another.

/// A live source sets the pace by itself, and waiting again costs 20-28 ms; a file needs a brake.
/// Sets "sync" of `sink` by what feeds its pad `in`.
void paceBySource(GstElement* sink, GstPad* in);

/// A shallow copy of `buffer`, which was at `runningTime` in the pipeline of `from`, with the
/// timestamps it has in the pipeline of `to`. Where the two do not count the same clock, or the
/// time is not known, it is the time there now. Nothing lies in the future: a sink would wait for
/// it.
Ref<GstBuffer> retimed(GstBuffer* buffer, GstClockTime runningTime, GstElement* from,
                       GstElement* to);

} // namespace glue
