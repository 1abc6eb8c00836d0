#pragma once

#include "web/segmentstore.hpp"

#include <string>

namespace web {

/// The media presentation description (ISO/IEC 23009-1), in the live profile with a
/// SegmentTimeline: headers at NAME/init-PERIOD.mp4, segments at NAME/tTIME.m4s, in ticks: a
/// time says the same whatever has left the window since. Live until the
/// stream has ended. `now` is what players without a right clock of their own go by.
std::string manifest(const Listing& listing, std::chrono::system_clock::time_point now);

} // namespace web
