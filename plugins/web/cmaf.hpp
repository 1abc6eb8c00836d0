#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace web {

/// What the header of a track says of it.
struct TrackFacts {
    bool video = false;
    bool transport = false; ///< its segments are MPEG-TS, not fragmented MP4
    std::string codecs;     ///< as RFC 6381 has it: "avc1.64001f", "vp09.00.10.08", "mp4a.40.2"
    std::uint32_t timescale = 0; ///< ticks a second, never 0
    unsigned width = 0, height = 0;
    unsigned rate = 0, channels = 0;
};

/// Reads ftyp and moov of a file with one track. Throws base::Error: BadData for what cannot be
/// read, Unsupported for a codec other than H.264, VP9, AAC and Opus.
TrackFacts readHeader(std::string_view header);

/// `header` with the numbers of Opus (dOps) in the order of bytes that its specification wants:
/// mp4mux 1.22 writes them as Ogg has them, which browsers refuse. Others stay as they are. Throws
/// as readHeader() does.
std::string repairedHeader(std::string header);

/// Frames from one key frame to before the next: moof and mdat.
struct Fragment {
    std::string bytes;
    std::uint64_t time = 0;     ///< of the first frame, by decoding order; ticks
    std::uint64_t duration = 0; ///< ticks
    unsigned frames = 0;
    bool key = false; ///< it begins with a frame that can be decoded by itself
};

/// What the muxer wrote, moved by `shift` ticks and given a number of ours. Two things that CMAF
/// (ISO/IEC 23000-19, 7.3.2) asks for and mp4mux does not write are put right on the way: times of
/// 64 bits, for those of 32 bits are over after a day of sound, and "default-base-is-moof".
/// Throws base::Error (BadData).
Fragment readFragment(std::string_view moof, std::string_view mdat, std::uint64_t shift,
                      std::uint32_t sequence);

} // namespace web
