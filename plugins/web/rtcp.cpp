#include "web/rtcp.hpp"

#include <algorithm>

namespace web {
namespace {

constexpr unsigned senderReport = 200, receiverReport = 201;
constexpr std::size_t blockSize = 24;

std::uint32_t read16(const std::uint8_t* p) { return static_cast<std::uint32_t>(p[0]) << 8 | p[1]; }
std::uint32_t read32(const std::uint8_t* p) { return read16(p) << 16 | read16(p + 2); }

ReportBlock readBlock(const std::uint8_t* p) {
    ReportBlock block;
    block.ssrc = read32(p);
    const std::int32_t lost = static_cast<std::int32_t>(read32(p + 4) << 8);
    block.lost = lost / 256; // 24 bits with a sign
    block.highest = read32(p + 8);
    block.jitter = read32(p + 12);
    block.lastReport = read32(p + 16);
    block.delay = read32(p + 20);
    return block;
}

} // namespace

std::chrono::milliseconds ReportBlock::roundTrip(std::chrono::microseconds now) const {
    constexpr std::uint64_t from1900 = 2208988800; // seconds to 1970
    constexpr std::uint32_t absurd = 60u << 16;
    if (lastReport == 0)
        return std::chrono::milliseconds(0);
    const auto micros = static_cast<std::uint64_t>(now.count());
    const std::uint64_t ntp =
        ((micros / 1000000 + from1900) << 16) + ((micros % 1000000) << 16) / 1000000;
    const std::uint32_t trip = static_cast<std::uint32_t>(ntp) - lastReport - delay;
    if (trip >= absurd)
        return std::chrono::milliseconds(0);
    return std::chrono::milliseconds(std::max<std::uint64_t>(std::uint64_t{trip} * 1000 >> 16, 1));
}

std::vector<ReportBlock> readReports(const std::uint8_t* data, std::size_t size) {
    std::vector<ReportBlock> blocks;
    while (size >= 4 && (data[0] >> 6) == 2) {
        const std::size_t length = 4 * (read16(data + 2) + 1);
        if (length > size)
            break;
        const unsigned type = data[1];
        const std::size_t count = data[0] & 0x1f, head = type == senderReport ? 28 : 8;
        if (type == senderReport || type == receiverReport)
            for (std::size_t i = 0; i < count && head + (i + 1) * blockSize <= length; i++)
                blocks.push_back(readBlock(data + head + i * blockSize));
        data += length;
        size -= length;
    }
    return blocks;
}

std::optional<double> LossMeter::take(Clock::time_point now, const ReportBlock& report) {
    const Mark end{now, begin_ ? std::min(report.lost, before_) : report.lost, report.highest};
    before_ = report.lost;
    if (!begin_)
        begin_ = first_ ? Mark{now, 0, std::uint32_t{*first_} - 1} : end;
    if (now - begin_->when < (measured_ ? window : firstWindow))
        return std::nullopt;
    const int lost = end.lost - begin_->lost;
    const auto expected = static_cast<std::int32_t>(end.highest - begin_->highest);
    begin_ = end;
    measured_ = true;
    if (expected <= 0)
        return std::nullopt;
    return std::clamp(static_cast<double>(lost) / expected, 0.0, 1.0);
}

} // namespace web
