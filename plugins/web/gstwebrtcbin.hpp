#pragma once

#include "web/offer.hpp"
#include "web/session.hpp"
#include "web/whepsettings.hpp"

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace web {

/// GStreamer makes the RSA key of all DTLS connections when the first one needs it, 0.2 to 2 s:
/// makes it before somebody waits for it.
void warmUpDtls();

/// Tells a new webrtcbin which addresses and ports to use, and its agent what 1.22 has no property
/// for.
void configureIce(GstElement* webrtc, const WhepSettings& settings);

/// Tells the transceiver behind webrtcbin's new sink `pad` what will be sent through it.
void configureTransceiver(GstPad* pad, const Served& served, const Codec& codec,
                          std::uint32_t ssrc);

/// True when the certificate shown in the DTLS handshake is the one that the offer named. Once
/// connected.
bool isPeer(GstElement* webrtc, const Fingerprint& fingerprint);

/// When the last packet from a peer came, in ticks of std::chrono::steady_clock.
using Stamp = std::atomic<std::chrono::steady_clock::rep>;

/// Keeps `stamp` up to date; webrtcbin itself never notices that a peer has gone without a word.
/// Returns the signal handler.
gulong watchReceived(GstElement* webrtc, std::shared_ptr<Stamp> stamp);

/// What a viewer says of the packets that reached it (RFC 3550 section 6.4.1).
struct ReceiverReport {
    double fractionLost = 0; ///< of the packets since the report before, 0 to 1
    int lost = 0;            ///< in all
    std::chrono::milliseconds roundTrip{0};
};

/// Brings `report` up to date with the last one on the stream of that SSRC. False when there is
/// none.
bool readReport(GstElement* webrtc, std::uint32_t ssrc, ReceiverReport& report);

} // namespace web
