#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace web {

/// Everything sent since the last key frame began, so that a viewer who joins a stream without an
/// encoder that could be asked gets a picture at once. Bounded: a group of pictures that outgrows
/// `maxBytes` or `maxPackets` is given up until the next key frame, for half of one is of no use.
template <class Packet>
class GopCache {
public:
    GopCache(std::size_t maxBytes, std::size_t maxPackets)
        : maxBytes_(maxBytes), maxPackets_(maxPackets) {}

    /// `key`: the packet begins a key frame. Several packets of one frame (same timestamp) may say
    /// so: parameter sets and each slice of an H.264 picture; the first one counts. Returns whether
    /// a new group begins here.
    bool add(Packet packet, std::size_t bytes, std::uint32_t timestamp, bool key) {
        const bool begins = key && (!known_ || timestamp != timestamp_);
        if (begins) {
            clear();
            known_ = whole_ = true;
            timestamp_ = timestamp;
        }
        if (!whole_)
            return begins;
        if (bytes_ + bytes > maxBytes_ || packets_.size() >= maxPackets_) {
            packets_.clear();
            bytes_ = 0;
            whole_ = false;
            return begins;
        }
        bytes_ += bytes;
        packets_.push_back(std::move(packet));
        return begins;
    }

    void clear() {
        packets_.clear();
        bytes_ = 0;
        known_ = whole_ = false;
    }

    /// True when packets() begins with a key frame and nothing is missing since.
    bool whole() const { return whole_; }
    const std::vector<Packet>& packets() const { return packets_; }
    std::size_t bytes() const { return bytes_; }

private:
    std::size_t maxBytes_, maxPackets_;
    std::vector<Packet> packets_;
    std::size_t bytes_ = 0;
    std::uint32_t timestamp_ = 0;
    bool known_ = false;
    bool whole_ = false;
};

} // namespace web
