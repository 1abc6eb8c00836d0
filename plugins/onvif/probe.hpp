#pragma once

#include "found.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onvif {

/// The two things asked for. No single probe finds everybody: some answer to one only, two types in
/// one probe mean AND, and an untyped probe wakes printers and is ignored by others.
enum class ProbeType { NetworkVideoTransmitter, Device };

/// 128 random bits, written as devices expect a UUID: nobody who has not heard the question can
/// answer it.
std::string newMessageId();

/// One line, all prefixes on the root, "dn:" and "tds:" as some compare them as text.
std::string probeMessage(ProbeType type, const std::string& messageId);

/// What a datagram tells: the cameras of a ProbeMatches that relates to one of `messageIds` ("uuid"
/// alone, without "urn:uuid:"). Empty for everything else: rubbish, answers to others, printers.
/// Bounded: at most 16 matches, 64 words each. Takes any bytes and throws nothing.
std::vector<Found> probeMatches(std::string_view datagram, const std::string& sender,
                                const std::vector<std::string>& messageIds);

/// A device that says by itself that it came or goes. Anybody can say that: it is a reason to ask,
/// nothing more.
struct Announcement {
    bool leaves = false; ///< Bye, else Hello
    std::string endpoint;
};

/// The Hello or Bye of what may be a camera; nothing for any other datagram. A Hello that tells its
/// types and scopes is judged by them, a Bye tells none. Takes any bytes and throws nothing.
std::optional<Announcement> announcement(std::string_view datagram);

} // namespace onvif
