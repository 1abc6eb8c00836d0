#include "fragmenttimes.hpp"

#include <cstring>
#include <utility>

namespace record {
namespace {

constexpr std::size_t headerSize = 8;

std::uint32_t number(const unsigned char* at) {
    return std::uint32_t(at[0]) << 24 | std::uint32_t(at[1]) << 16 | std::uint32_t(at[2]) << 8 |
           at[3];
}

std::uint64_t longNumber(const unsigned char* at) {
    return std::uint64_t(number(at)) << 32 | number(at + 4);
}

void write(unsigned char* at, std::uint64_t value, unsigned bytes) {
    while (bytes-- > 0) {
        at[bytes] = static_cast<unsigned char>(value);
        value >>= 8;
    }
}

/// Calls `found` with the content of each box of that type.
template <class Byte, class Found>
void each(const char* type, Byte* data, std::size_t size, const Found& found) {
    while (size >= headerSize) {
        const std::size_t length = number(data);
        if (length < headerSize || length > size)
            return;
        if (std::memcmp(data + 4, type, 4) == 0)
            found(data + headerSize, length - headerSize);
        data += length;
        size -= length;
    }
}

} // namespace

void FragmentTimes::begin(bool video, unsigned index, std::chrono::nanoseconds time) {
    const std::lock_guard<std::mutex> lock(mutex_);
    beginnings_.emplace(std::make_pair(video, index), time);
}

void FragmentTimes::correct(unsigned char* data, std::size_t size) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (tracks_.empty())
        each("moov", data, size, [this](const unsigned char* moov, std::size_t length) {
            each("trak", moov, length,
                 [this](const unsigned char* trak, std::size_t n) { readTrack(trak, n); });
        });
    each("moof", data, size, [this](unsigned char* moof, std::size_t length) {
        each("traf", moof, length,
             [this](unsigned char* traf, std::size_t n) { correctTrack(traf, n); });
    });
}

void FragmentTimes::readTrack(const unsigned char* data, std::size_t size) {
    std::uint32_t id = 0;
    Track track;
    each("tkhd", data, size, [&](const unsigned char* tkhd, std::size_t length) {
        const std::size_t at = length > 0 && tkhd[0] == 1 ? 20 : 12;
        id = length >= at + 4 ? number(tkhd + at) : 0;
    });
    each("mdia", data, size, [&](const unsigned char* mdia, std::size_t length) {
        each("mdhd", mdia, length, [&](const unsigned char* mdhd, std::size_t n) {
            const std::size_t at = n > 0 && mdhd[0] == 1 ? 20 : 12;
            track.timescale = n >= at + 4 ? number(mdhd + at) : 0;
        });
        each("hdlr", mdia, length, [&](const unsigned char* hdlr, std::size_t n) {
            track.video = n >= 12 && std::memcmp(hdlr + 8, "vide", 4) == 0;
        });
    });
    track.index = count_[track.video]++;
    tracks_.emplace(id, track);
}

void FragmentTimes::correctTrack(unsigned char* data, std::size_t size) {
    auto found = tracks_.end();
    each("tfhd", data, size, [&](const unsigned char* tfhd, std::size_t length) {
        if (length >= 8)
            found = tracks_.find(number(tfhd + 4));
    });
    if (found == tracks_.end())
        return;
    Track& track = found->second;
    each("tfdt", data, size, [&](unsigned char* tfdt, std::size_t length) {
        const bool isLong = length > 0 && tfdt[0] == 1;
        if (length < (isLong ? 12u : 8u))
            return;
        const std::uint64_t time = isLong ? longNumber(tfdt + 4) : number(tfdt + 4);
        if (!std::exchange(track.begun, true) && time == 0)
            track.shift = shiftOf(track);
        write(tfdt + 4, time + track.shift, isLong ? 8 : 4);
    });
}

std::uint64_t FragmentTimes::shiftOf(const Track& track) const {
    const auto beginning = beginnings_.find({track.video, track.index});
    if (beginning == beginnings_.end() || beginning->second.count() <= 0)
        return 0;
    const std::chrono::duration<double> seconds = beginning->second;
    return static_cast<std::uint64_t>(seconds.count() * track.timescale + 0.5);
}

} // namespace record
