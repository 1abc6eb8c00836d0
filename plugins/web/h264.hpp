#pragma once

#include "web/rtp.hpp"

namespace web {

/// True for an RTP packet (RFC 6184, single unit or first fragment) in which a B slice of H.264
/// begins (ITU-T H.264 section 7.3.3: first_mb_in_slice, slice_type). Pictures with such slices are
/// sent after those that they come before.
bool beginsBSlice(const RtpPacket& packet);

} // namespace web
