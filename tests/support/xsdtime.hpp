#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace camera {

using Instant = std::chrono::system_clock::time_point;

/// xs:dateTime in UTC, milliseconds included: 2026-11-21T10:00:00.250Z.
std::string xsdTime(Instant time);
/// Any xs:dateTime; without a zone it is UTC.
std::optional<Instant> xsdInstant(const std::string& text);

/// xs:duration of at most a year: PT1M30.5S. Years and months count 365 and 30 days.
std::optional<std::chrono::milliseconds> xsdDuration(const std::string& text);

} // namespace camera
