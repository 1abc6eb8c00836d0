#pragma once

#include <gst/gst.h>

#include <string>

namespace camera {

/// What matters about a video file before it is shown as a camera's picture.
struct Clip {
    enum class Sound { None, Aac, Pcmu, Other };

    std::string path;
    std::string codec;      ///< media type of the video, e.g. "video/x-h264"
    GstClockTime start = 0; ///< of the first picture, in the file's time
    GstClockTime duration =
        0;         ///< of the pictures: sound beyond them would leave a gap in each round
    int width = 0; ///< as shown, pixels are made square
    int height = 0;
    int fpsN = 25;
    int fpsD = 1;
    int bitrate = 0; ///< of the video, kbit/s; 0: not known
    bool h264Main = false;
    /// Empty when the video can go out as it is; else why it cannot, for people.
    std::string transcodeBecause;
    Sound sound = Sound::None;
    int soundRate = 0;
    int soundChannels = 0;

    int fps() const { return (fpsN + fpsD / 2) / fpsD; }
};

/// Looks into a file. H.264 goes out as it is when it has no B-frames (browsers do not reorder in
/// WebRTC) and a key frame at least every five seconds (else who joins waits too long); the first
/// half minute is taken for the whole. Throws base::Error when there is no video that can be shown.
Clip inspectClip(const std::string& path);

} // namespace camera
