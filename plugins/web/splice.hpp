#pragma once

#include "web/rtp.hpp"

#include <cstdint>
#include <optional>

namespace web {

/// Where a VP8 or VP9 packet numbers its picture (RFC 7741 section 4.2, RFC 9628 section 4.2).
struct PictureId {
    std::uint8_t at = 0;     ///< byte of the payload
    std::uint8_t bits = 0;   ///< 7 or 15; 0: there is none
    std::uint16_t value = 0; ///< modulo 2^bits
    std::uint8_t baseAt = 0; ///< byte that numbers pictures of the lowest layer; 0: there is none
    std::uint8_t base = 0;   ///< TL0PICIDX

    bool isThere() const { return bits > 0; }
    /// Writes these in place of its own into the payload that `payload` is a copy of.
    void write(std::uint8_t* payload, std::uint16_t id, std::uint8_t newBase) const;
};

PictureId pictureId(PacketFormat format, const RtpPacket& packet);

/// Makes one stream out of several that follow each other, as a receiver wants it who was told of
/// one: sequence numbers and picture ids go on without a hole, timestamps go forward. Within one of
/// them holes stay, for what was lost before is lost.
///
/// Streams whose timestamps are of one clock (those that were packed here) keep theirs; others are
/// put one thirtieth of a second of video behind what was sent last.
class Splice {
public:
    struct Numbers {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        std::uint16_t picture = 0;
        std::uint8_t base = 0;
    };

    /// The next packet is of another stream.
    void change() { changed_ = begun_; }
    Numbers next(const RtpPacket& packet, const PictureId& picture);
    /// Timestamps are not the stream's own.
    bool isShifted() const { return timestampShift_ != 0; }

private:
    void join(const RtpPacket& packet, const PictureId& picture);
    std::uint32_t timestampOf(const RtpPacket& packet);

    bool begun_ = false, changed_ = false;
    bool catchingUp_ = false; ///< the new stream lags behind what was sent of the old one
    std::uint16_t sequenceShift_ = 0, pictureShift_ = 0;
    std::uint8_t baseShift_ = 0;
    std::uint32_t timestampShift_ = 0;
    std::uint32_t from_ = 0; ///< timestamp of the last packet as it came
    Numbers last_;           ///< as sent
};

} // namespace web
