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

/// Reads the id at `at`; what is behind it, or 0 beyond the end.
std::size_t readId(const RtpPacket& packet, std::size_t at, PictureId& id) {
    const std::uint8_t* p = packet.payload;
    if (at >= packet.payloadSize)
        return 0;
    const bool wide = p[at] & 0x80;
    if (wide && at + 1 >= packet.payloadSize)
        return 0;
    id.at = static_cast<std::uint8_t>(at);
    id.bits = wide ? 15 : 7;
    id.value = cut(static_cast<std::uint16_t>(wide ? p[at] << 8 | p[at + 1] : p[at]), id.bits);
    return at + (wide ? 2 : 1);
}

} // namespace

PictureId pictureId(PacketFormat format, const RtpPacket& packet) {
    const std::uint8_t* p = packet.payload;
    const std::size_t size = packet.payloadSize;
    PictureId id;
    bool numbered = false, based = false;
    std::size_t at = 0; // of what comes next
    if (format == PacketFormat::Vp8 && size > 1 && (p[0] & 0x80)) {
        numbered = p[1] & 0x80;
        based = p[1] & 0x40;
        at = 2;
    } else if (format == PacketFormat::Vp9 && size > 0) {
        numbered = p[0] & 0x80;
        based = (p[0] & 0x30) == 0x20; // layers, and not the flexible mode
        at = 1;
    }
    if (numbered && (at = readId(packet, at, id)) == 0)
        return id;
    if (format == PacketFormat::Vp9)
        at++; // which layers
    if (based && at < size) {
        id.baseAt = static_cast<std::uint8_t>(at);
        id.base = p[at];
    }
    return id;
}

void PictureId::write(std::uint8_t* payload, std::uint16_t id, std::uint8_t newBase) const {
    if (bits == 15) {
        payload[at] = static_cast<std::uint8_t>(0x80 | id >> 8);
        payload[at + 1] = static_cast<std::uint8_t>(id);
    } else if (bits == 7) {
        payload[at] = static_cast<std::uint8_t>(cut(id, 7));
    }
    if (baseAt > 0)
        payload[baseAt] = newBase;
}

void Splice::join(const RtpPacket& packet, const PictureId& picture) {
    sequenceShift_ = static_cast<std::uint16_t>(last_.sequence + 1 - packet.sequence);
    pictureShift_ = static_cast<std::uint16_t>(last_.picture + 1 - picture.value);
    baseShift_ = static_cast<std::uint8_t>(last_.base + 1 - picture.base);
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
    now.base =
        picture.baseAt > 0 ? static_cast<std::uint8_t>(picture.base + baseShift_) : last_.base;
    from_ = packet.timestamp;
    last_ = now;
    return now;
}

} // namespace web
