#include "web/rtp.hpp"

#include <algorithm>

namespace web {
namespace {

std::uint16_t read16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] << 8 | p[1]); }

std::uint32_t read32(const std::uint8_t* p) {
    return static_cast<std::uint32_t>(read16(p)) << 16 | read16(p + 2);
}

void write16(std::uint8_t* p, unsigned value) {
    p[0] = static_cast<std::uint8_t>(value >> 8);
    p[1] = static_cast<std::uint8_t>(value);
}

void write32(std::uint8_t* p, std::uint32_t value) {
    write16(p, value >> 16);
    write16(p + 2, value & 0xffff);
}

/// Bytes before the first partition of a VP8 frame; 0: it does not begin here.
std::size_t vp8Head(const std::uint8_t* p, std::size_t size) {
    if (size < 1 || !(p[0] & 0x10) || (p[0] & 0x07)) // S set, partition 0
        return 0;
    std::size_t at = 1;
    if (p[0] & 0x80) { // X: which optional bytes follow
        if (size < 2)
            return 0;
        const std::uint8_t extensions = p[1];
        at = 2;
        if (extensions & 0x80) // I: picture id of one or two bytes
            at += at < size && (p[at] & 0x80) ? 2 : 1;
        at += (extensions & 0x40) ? 1 : 0;
        at += (extensions & 0x30) ? 1 : 0;
    }
    return at < size ? at : 0;
}

bool vp8Key(const std::uint8_t* p, std::size_t size) {
    const std::size_t at = vp8Head(p, size);
    return at > 0 && !(p[at] & 0x01); // inverse key frame flag, RFC 6386 section 9.1
}

PictureSize vp8Size(const std::uint8_t* p, std::size_t size) {
    const std::size_t at = vp8Head(p, size);
    if (at == 0 || at + 10 > size)
        return {};
    p += at;
    if ((p[0] & 0x01) || p[3] != 0x9d || p[4] != 0x01 || p[5] != 0x2a)
        return {};
    return {p[6] | (p[7] & 0x3f) << 8, p[8] | (p[9] & 0x3f) << 8};
}

bool vp9Key(const std::uint8_t* p, std::size_t size) {
    if (size < 1 || (p[0] & 0x40) || !(p[0] & 0x08)) // predicted, or not the beginning of a frame
        return false;
    if (!(p[0] & 0x20))
        return true;
    std::size_t at = 1;
    if (p[0] & 0x80)
        at += at < size && (p[at] & 0x80) ? 2 : 1;
    return at < size && ((p[at] >> 1) & 0x07) == 0; // spatial layer 0
}

/// Of the bitstream's own header, profile 0.
PictureSize vp9HeaderSize(const std::uint8_t* p, std::size_t size) {
    if (size < 9 || (p[0] & 0xfc) != 0x80 || p[1] != 0x49 || p[2] != 0x83 || p[3] != 0x42)
        return {};
    return {((p[4] & 0x0f) << 12 | p[5] << 4 | p[6] >> 4) + 1,
            ((p[6] & 0x0f) << 12 | p[7] << 4 | p[8] >> 4) + 1};
}

PictureSize vp9Size(const std::uint8_t* p, std::size_t size) {
    if (!vp9Key(p, size))
        return {};
    std::size_t at = 1;
    if (p[0] & 0x80)
        at += at < size && (p[at] & 0x80) ? 2 : 1;
    if (p[0] & 0x20)
        at += (p[0] & 0x10) ? 1 : 2;
    if (!(p[0] & 0x02)) // V: the sizes of the layers, and how frames are grouped
        return at < size ? vp9HeaderSize(p + at, size - at) : PictureSize{};
    if (at >= size || !(p[at] & 0x10))
        return {};
    at += 1 + 4u * (p[at] >> 5); // the last layer is the largest
    return at + 4 <= size ? PictureSize{read16(p + at), read16(p + at + 2)} : PictureSize{};
}

bool h264Type(unsigned type) { return type == 5 || type == 7; }

bool h264Key(const std::uint8_t* p, std::size_t size) {
    if (size < 1)
        return false;
    const unsigned type = p[0] & 0x1f;
    if (type == 28 || type == 29) // FU: the beginning of a fragmented unit
        return size > 1 && (p[1] & 0x80) && h264Type(p[1] & 0x1f);
    if (type != 24) // STAP-A: several units
        return h264Type(type);
    for (std::size_t at = 1; at + 2 < size;) {
        if (h264Type(p[at + 2] & 0x1f))
            return true;
        at += 2 + read16(p + at);
    }
    return false;
}

/// Slices of pictures to begin at (16 to 21), VPS, SPS and PPS: ITU-T H.265 table 7-1.
bool h265Type(unsigned type) { return (type >= 16 && type <= 21) || (type >= 32 && type <= 34); }

unsigned h265TypeOf(std::uint8_t first) { return (first >> 1) & 0x3f; }

bool h265Key(const std::uint8_t* p, std::size_t size) {
    if (size < 3)
        return false;
    const unsigned type = h265TypeOf(p[0]);
    if (type == 49) // FU
        return (p[2] & 0x80) && h265Type(p[2] & 0x3f);
    if (type != 48) // AP: several units
        return h265Type(type);
    for (std::size_t at = 2; at + 2 < size;) {
        if (h265Type(h265TypeOf(p[at + 2])))
            return true;
        at += 2 + read16(p + at);
    }
    return false;
}

bool av1Key(const std::uint8_t* p, std::size_t size) { return size > 0 && (p[0] & 0x08); }

} // namespace

std::optional<RtpPacket> RtpPacket::parse(const std::uint8_t* data, std::size_t size) {
    if (size < 12 || (data[0] >> 6) != 2)
        return std::nullopt;
    std::size_t at = 12 + 4u * (data[0] & 0x0f);
    if (data[0] & 0x10) {
        if (at + 4 > size)
            return std::nullopt;
        at += 4 + 4u * read16(data + at + 2);
    }
    const std::size_t padding = (data[0] & 0x20) ? data[size - 1] : 0;
    if (at + padding > size)
        return std::nullopt;
    RtpPacket packet;
    packet.payload = data + at;
    packet.payloadSize = size - at - padding;
    packet.payloadOffset = at;
    packet.marker = data[1] & 0x80;
    packet.sequence = read16(data + 2);
    packet.timestamp = read32(data + 4);
    packet.ssrc = read32(data + 8);
    return packet;
}

PacketFormat packetFormat(const std::string& encoding) {
    if (encoding == "VP8")
        return PacketFormat::Vp8;
    if (encoding == "VP9")
        return PacketFormat::Vp9;
    if (encoding == "H264")
        return PacketFormat::H264;
    if (encoding == "H265")
        return PacketFormat::H265;
    return encoding == "AV1" ? PacketFormat::Av1 : PacketFormat::Audio;
}

bool beginsKeyFrame(PacketFormat format, const RtpPacket& packet) {
    switch (format) {
    case PacketFormat::Vp8:
        return vp8Key(packet.payload, packet.payloadSize);
    case PacketFormat::Vp9:
        return vp9Key(packet.payload, packet.payloadSize);
    case PacketFormat::H264:
        return h264Key(packet.payload, packet.payloadSize);
    case PacketFormat::H265:
        return h265Key(packet.payload, packet.payloadSize);
    case PacketFormat::Av1:
        return av1Key(packet.payload, packet.payloadSize);
    case PacketFormat::Audio:
        break;
    }
    return true;
}

PictureSize pictureSize(PacketFormat format, const RtpPacket& packet) {
    if (format == PacketFormat::Vp8)
        return vp8Size(packet.payload, packet.payloadSize);
    return format == PacketFormat::Vp9 ? vp9Size(packet.payload, packet.payloadSize)
                                       : PictureSize{};
}

std::size_t writeHeader(const RtpPacket& packet, bool padding, const RtpRewrite& rewrite,
                        RtpHeader& header) {
    const bool extension = rewrite.playoutDelayId != 0;
    header[0] = static_cast<std::uint8_t>(0x80 | (padding ? 0x20 : 0) | (extension ? 0x10 : 0));
    header[1] =
        static_cast<std::uint8_t>((packet.marker ? 0x80 : 0) | (rewrite.payloadType & 0x7f));
    write16(header.data() + 2, packet.sequence);
    write32(header.data() + 4, packet.timestamp);
    write32(header.data() + 8, rewrite.ssrc);
    if (!extension)
        return 12;
    // One-byte extension header (RFC 8285 section 4.2): two 12-bit delays in units of 10 ms.
    const unsigned delay = static_cast<unsigned>(std::clamp(rewrite.playoutDelay / 10, 0, 4095));
    write16(header.data() + 12, 0xbede);
    write16(header.data() + 14, 1);
    header[16] = static_cast<std::uint8_t>(rewrite.playoutDelayId << 4 | 2);
    header[17] = static_cast<std::uint8_t>(delay >> 4);
    header[18] = static_cast<std::uint8_t>((delay & 0x0f) << 4 | delay >> 8);
    header[19] = static_cast<std::uint8_t>(delay);
    return 20;
}

} // namespace web
