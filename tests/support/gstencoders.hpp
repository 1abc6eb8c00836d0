#pragma once

#include "support/gstrtspcamera.hpp"
#include "support/settings.hpp"

#include <string>

namespace camera {

/// "x264enc … ! caps": raw video to H.264 constrained baseline without B-frames, which every
/// browser and recorder takes as it is; low latency, a key frame each two seconds, one thread.
/// Throws base::Error when no encoder is installed.
std::string h264Encoder(int kbitPerSecond, int fps);

/// The same as H.265 (HEVC) main profile; only for caps-change, which wants another codec. Throws
/// base::Error when x265enc is not installed.
std::string h265Encoder(int kbitPerSecond, int fps);

/// "[videoscale ! …] encoder ! payloader name=pay0" for raw video as the profile has it, or as a
/// camera with caps-change makes it: half as large, or H.265.
std::string videoTail(const StreamProfile& profile, RtspStream::Variant variant);

/// "payloader name=pay0" for H.264 that is encoded already.
extern const char* const h264Payloader;

/// "virtualcamerasrc name=… ! …": a live source that goes on while nobody wants its track. A viewer
/// that sets up some tracks alone leaves the others unlinked, and GStreamer's own sources end for
/// ever when they find that out.
std::string liveSource(const char* name);

/// "virtualcamerasrc name=metadata ! payloader name=pay2"
std::string metadataTrack();

/// What can be had of what was wished for: AAC and Opus want an encoder, G.711 is always there.
Audio availableAudio(Audio wish);

/// "payloader name=pay1" for audio that is encoded already; not for Audio::None.
std::string audioPayloader(Audio audio);

/// "audioconvert ! … ! payloader name=pay1" for raw audio; not for Audio::None.
std::string audioTail(Audio audio);

/// A bit rate at which a picture of that size looks good, kbit/s.
int bitrateFor(int width, int height, int fps);

} // namespace camera
