#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace web {

/// The fields of an RTP packet (RFC 3550 section 5.1) that the fan-out looks at.
struct RtpPacket {
    const std::uint8_t* payload = nullptr;
    std::size_t payloadSize = 0;   ///< bytes, padding left out
    std::size_t payloadOffset = 0; ///< bytes before the payload: header, CSRCs, extensions
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    std::uint16_t sequence = 0;
    bool marker = false;

    static std::optional<RtpPacket> parse(const std::uint8_t* data, std::size_t size);
};

/// Which packets a decoder can begin at.
enum class PacketFormat { Vp8, Vp9, H264, H265, Av1, Audio };

PacketFormat packetFormat(const std::string& encoding);

/// True for a packet that begins (or, for H.264, belongs to the beginning of) a key frame: VP8 RFC
/// 7741 section 4.2, VP9 RFC 9628 section 4.2, H.264 RFC 6184 section 5.2 (a sequence parameter set
/// or an IDR slice), H.265 RFC 7798 section 4.4 (a parameter set or a picture that all can be
/// decoded from), AV1 RTP specification 4.4 (a new coded video sequence). Every audio packet is
/// one.
bool beginsKeyFrame(PacketFormat format, const RtpPacket& packet);

/// In pixels; 0 where it is not known.
struct PictureSize {
    int width = 0;
    int height = 0;
};

/// What the first packet of a key frame says of it: VP8 RFC 6386 section 9.1, VP9 RFC 9628 section
/// 4.2.1 or the bitstream's section 6.2. The others say it in parameter sets.
PictureSize pictureSize(PacketFormat format, const RtpPacket& packet);

/// How one viewer's packets differ from everybody's.
struct RtpRewrite {
    int payloadType = 0;
    std::uint32_t ssrc = 0;
    int playoutDelayId = 0; ///< 0: not negotiated, left out
    int playoutDelay = 0;   ///< milliseconds, minimum and maximum; sent in steps of 10
};

/// Where packets that are sent again go (RFC 4588): into a stream of their own.
struct RtpRepair {
    int payloadType = -1; ///< -1: nowhere
    std::uint32_t ssrc = 0;
    std::uint16_t sequence = 0; ///< of its next one
};

/// Room for the longest header that writeHeader() makes.
using RtpHeader = std::array<std::uint8_t, 20>;

/// Writes the header that replaces the first `payloadOffset` bytes of `packet`: sequence number,
/// timestamp and marker stay, payload type and SSRC are the viewer's, extensions that came along
/// are dropped (their ids mean something else to this viewer). Returns its size in bytes. The
/// padding bit is kept, as the padding is.
std::size_t writeHeader(const RtpPacket& packet, bool padding, const RtpRewrite& rewrite,
                        RtpHeader& header);

} // namespace web
