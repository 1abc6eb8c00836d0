#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace record {

/// Puts the tracks of a fragmented MP4 (ISO/IEC 14496-12) where they were: mp4mux 1.22 has all of
/// them begin at 0, and sound that came half a second late would be half a second early. Its other
/// way, first-moov-then-finalise, knows edit lists; but in one of 24 files whose program was killed
/// ffmpeg could not read the header.
class FragmentTimes {
public:
    /// The first frame of a track, which is the `index`th of the pictures or of the sounds.
    void begin(bool video, unsigned index, std::chrono::nanoseconds time);

    /// Corrects the decode times (tfdt) in `data`, one or more whole boxes as the muxer makes them,
    /// header first. What is no such box stays as it is, and so does a track that does not begin at
    /// 0 by itself.
    void correct(unsigned char* data, std::size_t size);

private:
    struct Track {
        std::uint32_t timescale = 0;
        bool video = false, begun = false;
        unsigned index = 0;
        std::uint64_t shift = 0; ///< in its timescale
    };

    void readTrack(const unsigned char* data, std::size_t size);
    void correctTrack(unsigned char* data, std::size_t size);
    std::uint64_t shiftOf(const Track& track) const;

    std::mutex mutex_; ///< for all below
    std::map<std::pair<bool, unsigned>, std::chrono::nanoseconds> beginnings_;
    std::map<std::uint32_t, Track> tracks_; ///< by their id
    unsigned count_[2] = {0, 0};            ///< of sounds and pictures
};

} // namespace record
