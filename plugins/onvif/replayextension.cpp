#include "replayextension.hpp"

namespace onvif {

namespace {

std::uint64_t bigEndian(const std::uint8_t* data, int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | data[i];
    return value;
}

constexpr std::size_t markSize = 12;

} // namespace

std::optional<ReplayMark> readReplayMark(std::uint16_t id, const std::uint8_t* data,
                                         std::size_t size) {
    if (id != ReplayMark::id || !data || size < markSize)
        return std::nullopt;
    const std::uint64_t seconds = bigEndian(data, 4), fraction = bigEndian(data + 4, 4);
    if (seconds == UINT32_MAX && fraction == UINT32_MAX)
        return std::nullopt;
    ReplayMark mark;
    mark.ntp = seconds * 1000000000 + ((fraction * 1000000000) >> 32);
    mark.cleanPoint = data[8] & 0x80;
    mark.endOfSection = data[8] & 0x40;
    mark.discontinuity = data[8] & 0x20;
    mark.last = data[8] & 0x10;
    mark.cseq = data[9];
    return mark;
}

} // namespace onvif
