#pragma once

#include "web/session.hpp"

#include <gst/gst.h>

#include <string>

namespace web {

/// Name of the element that packs, in every chain of chainFor().
constexpr const char* packerName = "packer";

/// The elements that make RTP of `caps` for browsers, in gst-launch's words; "" for RTP that goes
/// out as it comes. 1200 bytes leave room for SRTP, RTX and extensions in any network's packets.
///
/// H.264 and H.265: no aggregation, for Chromium rejects the small frame that follows a STAP-A with
/// an access unit delimiter in it, for ever. Parameter sets are put into the stream by a parser,
/// once before each key frame: rtph264pay 1.22 repeats them before every slice of a picture. What
/// comes as RTP is taken apart and packed anew: cameras send larger packets, and parameter sets
/// only in their SDP.
///
/// Sound other than Opus and G.711 becomes Opus here, once for all viewers.
std::string chainFor(const GstCaps* caps);

bool isSound(const GstCaps* caps);

/// What the RTP of these caps carries.
Codec codecOf(const GstCaps* caps);

} // namespace web
