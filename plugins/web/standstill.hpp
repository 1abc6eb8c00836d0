#pragma once

#include <cstdint>

namespace web {

/// Notices that packets come and no picture is made of them, because the key frame that begins them
/// was lost, or the request for one: depayloaders ask when they see a gap, and neither before their
/// first packet nor a second time. Looked at again and again; a frame may be under way at one look,
/// and not at two.
class Standstill {
public:
    /// Packets and frames so far. True when a key frame is missing.
    bool look(std::uint64_t packets, std::uint64_t frames) {
        const bool stuck = packets > packets_ && frames == frames_;
        looks_ = stuck ? looks_ + 1 : frames == frames_ ? looks_ : 0;
        packets_ = packets;
        frames_ = frames;
        return stuck && looks_ > 1;
    }

private:
    std::uint64_t packets_ = 0, frames_ = 0;
    unsigned looks_ = 0; ///< with packets and without a frame, since the last frame
};

} // namespace web
