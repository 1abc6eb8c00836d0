#pragma once

#include "web/session.hpp"

#include <gst/gst.h>

#include <string>

namespace web {

/// The elements that make RTP of `caps`, in gst-launch's words. 1200 bytes leave room for SRTP, RTX
/// and extensions in any network's packets. No aggregation: Chromium rejects the small frame that
/// follows a STAP-A with an access unit delimiter in it, for ever. H.264 that comes as RTP is taken
/// apart and packed anew: cameras send larger packets, and parameter sets only in their SDP.
std::string chainFor(const GstCaps* caps);

/// What the RTP of these caps carries.
Codec codecOf(const GstCaps* caps);

} // namespace web
