#pragma once

#include "base/error.hpp"
#include "found.hpp"
#include "location.hpp"
#include "net/cancel.hpp"
#include "net/url.hpp"

#include <optional>
#include <string>

namespace onvif {

/// A camera is its endpoint, not its address: after a power cut the address may be another's. These
/// ask on the discovery port, block for a second at most (endpointAt: for three), and throw
/// net::Cancelled.

/// The endpoint of the device whose service is at that address; empty when it does not tell.
std::string endpointAt(const net::Url& service, const net::Cancel& cancel);

/// The service of that endpoint where it is not `service` any more, by the same scheme; nothing
/// when it does not answer, or answers from there. The host is the one that answered, never one
/// that it names.
std::optional<std::string> movedTo(const std::string& endpoint, const net::Url& service,
                                   const std::string& interfaces, const net::Cancel& cancel);

/// The same for a camera that may have gone to another port, and to no other host: no other is
/// asked.
std::optional<std::string> movedOnHost(const std::string& endpoint, const net::Url& service,
                                       const net::Cancel& cancel);

/// Many cameras speak ONVIF on 8000, 2020 or 8899, and know it. Where else the device may be after
/// `error` at a port that was guessed: on the host that was named, where it says itself. Nothing
/// where it does not say, says the same, or would have https fall back to http.
std::optional<net::Url> otherDoor(const Location& location, const base::Error& error,
                                  const net::Cancel& cancel);
/// The same of what was found there.
std::optional<net::Url> otherDoor(const Location& location, const std::vector<Found>& found);

} // namespace onvif
