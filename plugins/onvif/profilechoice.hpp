#pragma once

#include "answers.hpp"

#include <string>
#include <vector>

namespace onvif {

// Which of the device's profiles is meant by what a user writes as `profile`:
//
//     (nothing), main       the best: video that RTP receivers decode everywhere before JPEG, then
//                           the larger picture, then H.264 before others, then the device's order;
//                           profiles that tell no video encoder come last
//     sub                   the next smaller picture than that of main, or main where there is none
//     a token, a name       that one; names in any case. A profile called "sub" is meant before sub
//     KEY=VALUE,KEY=VALUE   the best of those that fit all of:
//         codec=h264|h265|jpeg|mpeg4       picture encoding, also hevc and avc
//         min-width= max-width= min-height= max-height=     pixels, 1 .. 32768
//         min-fps= max-fps=                frames per second, 1 .. 1000
//         audio=yes|no|g711|g726|aac|opus  sound
//
// A number that the device does not tell counts for the profile, an encoding not told against it.

/// The profiles worth trying, best first; empty when none fits. Throws base::Error(Settings) for a
/// key or value that is none.
std::vector<Profile> choose(const std::vector<Profile>& profiles, const std::string& wish);

/// The same where one has to be: throws base::Error(NotFound) with those that there are.
std::vector<Profile> mustChoose(const std::vector<Profile>& profiles, const std::string& wish);

/// "main (Profile_1, H264 1920x1080), sub (…)"
std::string listOf(const std::vector<Profile>& profiles);

} // namespace onvif
