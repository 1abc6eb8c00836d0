#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace web {

/// What a receiver says of one stream (RFC 3550 section 6.4.1).
struct ReportBlock {
    std::uint32_t ssrc = 0;       ///< of the stream
    int lost = 0;                 ///< in all; negative where some came twice
    std::uint32_t highest = 0;    ///< sequence number, with how often it wrapped around
    std::uint32_t jitter = 0;     ///< in the stream's clock
    std::uint32_t lastReport = 0; ///< the sender report that it had last, middle of the NTP time
    std::uint32_t delay = 0;      ///< since then, in 1/65536 s

    /// `now`: since 1970, the clock that sender reports are made with. At least 1 ms; zero when
    /// there was no sender report yet, or nonsense is told.
    std::chrono::milliseconds roundTrip(std::chrono::microseconds now) const;
};

/// The report blocks of one RTCP datagram; what cannot be read is left out, with all after it.
std::vector<ReportBlock> readReports(const std::uint8_t* data, std::size_t size);

/// How much gets lost, of the reports on one stream. Browsers report whenever they ask for a packet
/// again, too: then they have just seen a gap, and of two packets one is lost (a fraction that each
/// report brings along, too, and that says nothing). Here what is missing has to be so in two
/// reports, and a measure takes at least a second.
class LossMeter {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds window{1000}, firstWindow{200};

    /// Sequence number of the stream's first packet. Without it what is lost before the first
    /// report does not count.
    void begin(std::uint16_t first) { first_ = first; }
    /// The lost part of the packets, 0 to 1, where a window is over. The first is a short one: who
    /// joins through a bad network should not freeze first.
    std::optional<double> take(Clock::time_point now, const ReportBlock& report);

private:
    struct Mark {
        Clock::time_point when{};
        int lost = 0;
        std::uint32_t highest = 0;
    };
    std::optional<std::uint16_t> first_;
    std::optional<Mark> begin_;
    int before_ = 0; ///< what the last report said of `lost`
    bool measured_ = false;
};

} // namespace web
