#pragma once

#include "support/settings.hpp"

#include <string>

namespace camera {

/// "x264enc … ! caps": raw video to H.264 constrained baseline without B-frames, which every
/// browser and recorder takes as it is; low latency, a key frame each two seconds, one thread.
/// Throws base::Error when no encoder is installed.
std::string h264Encoder(int kbitPerSecond, int fps);

/// What can be had of what was wished for: AAC wants an encoder, G.711 is always there.
Audio availableAudio(Audio wish);

/// "payloader name=pay1" for audio that is encoded already; not for Audio::None.
std::string audioPayloader(Audio audio);

/// "audioconvert ! … ! payloader name=pay1" for raw audio; not for Audio::None.
std::string audioTail(Audio audio);

/// A bit rate at which a picture of that size looks good, kbit/s.
int bitrateFor(int width, int height, int fps);

} // namespace camera
