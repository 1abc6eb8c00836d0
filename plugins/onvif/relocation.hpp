#pragma once

#include "found.hpp"
#include "net/cancel.hpp"
#include "net/url.hpp"

#include <optional>
#include <string>

namespace onvif {

/// A camera is its endpoint, not its address: after a power cut the address may be another's. These
/// ask on the discovery port, block for a second at most, and throw net::Cancelled.

/// The endpoint of the device whose service is at that address; empty when it does not tell.
std::string endpointAt(const net::Url& service, const net::Cancel& cancel);

/// The service of that endpoint where it is not `service` any more; nothing when it does not
/// answer, or answers from there. The host is the one that answered, never one that it names.
std::optional<std::string> movedTo(const std::string& endpoint, const net::Url& service,
                                   const std::string& interfaces, const net::Cancel& cancel);

} // namespace onvif
