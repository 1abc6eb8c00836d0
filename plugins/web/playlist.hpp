#pragma once

#include "web/segmentstore.hpp"

#include <string>

namespace web {

/// The playlist of qualities and sound (RFC 8216, 4.3.4), named NAME.m3u8 each.
std::string multivariantPlaylist(const Listing& listing);

/// The playlist of one track (RFC 8216, 4.3.3): headers are at NAME/init-PERIOD.mp4, segments at
/// NAME/NUMBER.m4s, their parts at NAME/NUMBER.INDEX.m4s. `keyUri`: where the key of segments
/// encrypted with AES-128 is; empty for none.
std::string mediaPlaylist(const Listing& listing, const TrackListing& track,
                          const std::string& keyUri = {});

/// What a part may last: it ends with the frame that makes it as long as it is to be.
std::chrono::milliseconds longestPart(std::chrono::milliseconds part);

/// "2026-03-01T12:00:00.250Z"
std::string isoTime(std::chrono::system_clock::time_point time);

} // namespace web
