#pragma once

#include "gstonvifsrc.hpp"

namespace onvif {

/// Replay of a recording (ONVIF Profile G) by onvifsrc, where its property "recording" is set.
///
/// - Requests carry `Require: onvif-replay`, `Immediate: yes` and the absolute `Range: clock=`.
/// - Downstream sees one live timeline, as with the live stream. Each packet has its absolute time
///   as a GstReferenceTimestampMeta of "timestamp/x-ntp" (ns since 1900), from the 0xABAC header
///   extension; depayloaders and decoders hand it on.
/// - It is moved by the action signal "replay-seek" (time, rate), or by a seek event in
///   GST_FORMAT_TIME that counts in ns since 1900, as rtspsrc in onvif-mode does.
/// - A connection that was lost goes on where it broke off.
/// - An element message "onvif-recordings" lists what there is: recordings (GstValueArray of
///   structures "recording": token, name, from, until) and chosen.
extern const CompanionKind replay;

} // namespace onvif
