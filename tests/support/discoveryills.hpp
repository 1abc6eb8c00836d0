#pragma once

#include "support/discoverymessage.hpp"
#include "support/ills.hpp"

#include <optional>
#include <string>
#include <vector>

namespace camera {

/// The probe that a device with these ills answers, if it is one.
std::optional<Probe> ailingProbe(std::string_view datagram, const std::vector<std::string>& scopes,
                                 const Ills& ills);

/// The datagrams that it answers with.
std::vector<std::string> ailingMatches(const Probe& probe, Announcement device, const Ills& ills);

} // namespace camera
