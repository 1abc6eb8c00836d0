#include "web/splice.hpp"

namespace web {
namespace {

/// Video's clock runs at 90 kHz; timestamps this far from those before are of another clock.
constexpr std::int32_t backward = -2 * 90000, forward = 60 * 90000;
constexpr std::uint32_t step = 3000;

/// How much later `a` is than `b`; both wrap around.
std::int32_t since(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b); }

std::uint16_t cut(std::uint16_t value, std::uint8_t bits) {
    return static_cast<std::uint16_t>(value & ((1u << bits) - 1));
}

} // namespace

PictureId pictureId(PacketFormat format, const RtpPacket& packet) {
    const std::uint8_t* p = packet.payload;
    const std::size_t size = packet.payloadSize;
    PictureId id;
    if (format == PacketFormat::Vp8 && size > 1 && (p[0] & 0x80) && (p[1] & 0x80))
        id.at = 2;
    else if (format == PacketFormat::Vp9 && size > 0 && (p[0] & 0x80))
        id.at = 1;
    else
        return id;
    if (id.at >= size)
        return id;
    const bool wide = p[id.at] & 0x80;
    if (wide && id.at + 1u >= size)
        return id;
    id.bits = wide ? 15 : 7;
    id.value =
        cut(static_cast<std::uint16_t>(wide ? p[id.at] << 8 | p[id.at + 1] : p[id.at]), id.bits);
    return id;
}

void PictureId::write(std::uint8_t* payload, std::uint16_t id) const {
    if (bits == 15) {
        payload[at] = static_cast<std::uint8_t>(0x80 | id >> 8);
        payload[at + 1] = static_cast<std::uint8_t>(id);
    } else if (bits == 7) {
        payload[at] = static_cast<std::uint8_t>(cut(id, 7));
    }
}

void Splice::join(const RtpPacket& packet, const PictureId& picture) {
    sequenceShift_ = static_cast<std::uint16_t>(last_.sequence + 1 - packet.sequence);
    pictureShift_ = static_cast<std::uint16_t>(last_.picture + 1 - picture.value);
    const std::int32_t gap = since(packet.timestamp + timestampShift_, last_.timestamp);
    const std::int32_t plain = since(packet.timestamp, last_.timestamp);
    if (plain > backward && plain < forward)
        timestampShift_ = 0;
    else if (gap <= backward || gap >= forward)
        timestampShift_ = last_.timestamp + step - packet.timestamp;
    catchingUp_ = true;
    from_ = packet.timestamp - 1; // of no frame
}

std::uint32_t Splice::timestampOf(const RtpPacket& packet) {
    if (catchingUp_ && packet.timestamp == from_)
        return last_.timestamp; // the rest of a frame
    const std::uint32_t natural = packet.timestamp + timestampShift_;
    if (!catchingUp_ || since(natural, last_.timestamp) > 0) {
        catchingUp_ = false;
        return natural;
    }
    return last_.timestamp + 1;
}

Splice::Numbers Splice::next(const RtpPacket& packet, const PictureId& picture) {
    if (changed_)
        join(packet, picture);
    changed_ = false;
    begun_ = true;
    Numbers now;
    now.sequence = static_cast<std::uint16_t>(packet.sequence + sequenceShift_);
    now.timestamp = timestampOf(packet);
    now.picture = picture.isThere()
                      ? cut(static_cast<std::uint16_t>(picture.value + pictureShift_), picture.bits)
                      : last_.picture;
    from_ = packet.timestamp;
    last_ = now;
    return now;
}

} // namespace web
