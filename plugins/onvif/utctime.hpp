#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace onvif {

/// Absolute time, as the system's clock counts it: nanoseconds since 1970.
using UtcTime = std::chrono::system_clock::time_point;

/// NTP and RTSP count from 1900 (RFC 5905, section 6).
constexpr std::chrono::seconds unixSince1900{2208988800};

/// "2026-01-31T12:00:00.250Z", to the millisecond.
std::string exactUtcText(UtcTime time);

/// Nanoseconds since 1900, which is how GStreamer's "timestamp/x-ntp" and RTSP's clock count.
std::uint64_t ntpNanoseconds(UtcTime time);
UtcTime fromNtpNanoseconds(std::uint64_t nanoseconds);

} // namespace onvif
