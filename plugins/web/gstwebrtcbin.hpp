#pragma once

#include "web/offer.hpp"
#include "web/rtcp.hpp"
#include "web/session.hpp"
#include "web/whepsettings.hpp"

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace web {

/// GStreamer makes the RSA key of all DTLS connections when the first one needs it, 0.2 to 2 s:
/// makes it before somebody waits for it.
void warmUpDtls();

/// Tells a new webrtcbin which addresses and ports to use, and its agent what 1.22 has no property
/// for.
void configureIce(GstElement* webrtc, const RtcSettings& settings);

/// Tells the transceiver behind webrtcbin's new sink `pad` what will be sent through it.
void configureTransceiver(GstPad* pad, const Served& served, const Codec& codec,
                          std::uint32_t ssrc);

/// What it answered, or offered; "" before.
std::string localDescription(GstElement* webrtc);

// What makes viewers cheap. Both while nothing flows; false where 1.22 looks different.

/// Takes out what 1.22 puts behind the sink pad that `source` is linked to, wanted or not: a wait
/// for the clock, of which there is one in front already, and encoders of redundancy. They do
/// nothing, but hand on lists of packets one packet at a time, and then all behind them costs its
/// price for each.
bool leaveOutErrorCorrection(GstElement* webrtc, GstPad* source);

/// Takes out rtprtxsend, which keeps a copy of every packet for each viewer and sends whatever it
/// is asked for as often as it is asked. From then on requests ("GstRTPRetransmissionRequest")
/// reach the pad that is linked to the sink pad.
bool leaveOutRetransmission(GstElement* webrtc);

/// True when the certificate shown in the DTLS handshake is the one that the offer named. Once
/// connected.
bool isPeer(GstElement* webrtc, const Fingerprint& fingerprint);

/// When the last packet from a peer came, in ticks of std::chrono::steady_clock.
using Stamp = std::atomic<std::chrono::steady_clock::rep>;

/// Keeps `stamp` up to date; webrtcbin itself never notices that a peer has gone without a word.
/// Returns the signal handler.
gulong watchReceived(GstElement* webrtc, std::shared_ptr<Stamp> stamp);

/// Tells the RTP session of `webrtc` what the header extension `id` of the packets that come is:
/// 1.22 looks for it in their caps, and puts it there nowhere. Returns the signal handler.
gulong announceExtension(GstElement* webrtc, int id, const std::string& uri);

/// The RTP session inside, once something goes through it; null before.
std::shared_ptr<GObject> sessionOf(GstElement* webrtc);

/// The blocks of a report that has come. From a streaming thread.
using Reported = std::function<void(const std::vector<ReportBlock>&)>;

/// Tells of each report that a viewer sends, mostly once a second. Returns the signal handler.
gulong watchReports(GObject* session, Reported reported);

} // namespace web
