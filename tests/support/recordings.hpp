#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace camera {

/// One recording that the camera has of its scene (Profile G). It is drawn and encoded when it is
/// asked for: what the scene shows is a function of time.
struct Recording {
    using Time = std::chrono::system_clock::time_point;

    std::string token; ///< the last part of its address: rtsp://…/replay/TOKEN
    std::string name;
    Time from, until;

    std::string path() const { return "/replay/" + token; }
};

/// Names of the tracks, as in `x-onvif-track` of the SDP.
constexpr const char* videoTrack = "VIDEO000";

/// What a camera has that was started `now`: two hours of yesterday, one of today, and the last ten
/// minutes, all to full seconds, the oldest first, none overlapping another.
std::vector<Recording> recordingsAt(Recording::Time now);

/// "20261121T120000.000Z", as in `Range: clock=…` (RFC 2326 section 3.7).
std::string rtspClock(Recording::Time time);

} // namespace camera
