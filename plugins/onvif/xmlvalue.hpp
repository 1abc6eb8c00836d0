#pragma once

#include "net/xml.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace onvif {

// Values as XML Schema Part 2 writes them, whatever the locale, and from devices that write
// rubbish: what is none comes out as nothing.

/// The text at a path below `node` as one printable line; empty when it is missing or longer than
/// 1024 bytes.
std::string lineAt(const net::XmlNode& node, std::string_view path);
/// The same of an attribute.
std::string lineOf(const net::XmlNode& node, std::string_view attribute);

std::optional<double> readDecimal(const std::string& text); ///< finite; an exponent is understood
std::string decimalText(double value);                      ///< "0.25", at most six places
std::optional<bool> readBoolean(const std::string& text);   ///< true, false, 1, 0

/// "2026-01-31T12:00:00.5Z"; a time without a zone is taken for UTC. 1970 to 2199.
std::optional<std::chrono::system_clock::time_point> readInstant(const std::string& text);
/// "PT1M30.5S" and the like; years and months, which have no length, are not understood.
std::optional<std::chrono::milliseconds> readDuration(const std::string& text);
std::string durationText(std::chrono::milliseconds duration); ///< "PT2S", "PT0.5S"

/// Equal but for ASCII case.
bool sameWord(std::string_view a, std::string_view b);

} // namespace onvif
