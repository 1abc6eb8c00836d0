#pragma once

#include "utctime.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace onvif {

/// The RTP header extension of a replay stream (ONVIF Streaming, "RTP header extension"): id
/// 0xABAC, three words: an NTP timestamp in 64 bits, the flags C E D T and 4 bits of nothing, CSeq,
/// padding.
struct ReplayMark {
    static constexpr std::uint16_t id = 0xABAC;

    std::uint64_t ntp = 0;      ///< nanoseconds since 1900
    bool cleanPoint = false;    ///< C: can be decoded without what was before
    bool endOfSection = false;  ///< E: a gap in the recording follows
    bool discontinuity = false; ///< D: something is missing before
    bool last = false;          ///< T: nothing follows
    std::uint8_t cseq = 0;      ///< low byte of the CSeq of the PLAY that this answers
};

/// From the extension's data; nothing for another id, one too short, or the time "unknown" (all
/// bits set).
std::optional<ReplayMark> readReplayMark(std::uint16_t id, const std::uint8_t* data,
                                         std::size_t size);

} // namespace onvif
