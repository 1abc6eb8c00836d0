#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace web {

/// How long a viewer's browser is to hold pictures back, by what it reports of its network: what is
/// lost comes again in time where there is time for as many attempts as it takes. Nothing lost: no
/// longer than told to, for who watches a door wants to see it now.
class PlayoutDelay {
public:
    using Clock = std::chrono::steady_clock;
    using Milliseconds = std::chrono::milliseconds;

    struct Report {
        double loss = 0;           ///< of the packets since the report before, 0 to 1
        Milliseconds roundTrip{0}; ///< 0: not known
        Milliseconds jitter{0};    ///< mean deviation of their spacing (RFC 3550 section 6.4.1)
        std::uint64_t sent = 0;    ///< packets since the beginning
    };

    /// Below this part of the packets nothing is done: a hitch every few seconds.
    static constexpr double ignoredLoss = 0.002;
    /// The part of the packets that may still come too late.
    static constexpr double acceptedLoss = 1e-4;
    /// A gap shows with the next packet, mostly the next frame's, and browsers look every 20 ms.
    static constexpr Milliseconds notice{60};
    /// They ask again no sooner than that, whatever the round trip is (libwebrtc cannot measure it
    /// while it only receives, and takes 100 ms for it).
    static constexpr Milliseconds patience{120};
    /// Taken for the round trip before one is known: not before the viewer has had a sender report.
    static constexpr Milliseconds unknown{100};
    /// What comes again this soon, once asked for, is no freeze.
    static constexpr Milliseconds quick{40};
    /// So many reports tell a newcomer's loss. Before, what it asks for does, and one packet more:
    /// where that is waited for after a report only, freezes are seen first.
    static constexpr int enough = 4;
    /// The most that is believed of that: what overtakes another packet is asked for, too.
    static constexpr double believed = 0.05;
    /// After which half of an old loss is forgotten.
    static constexpr std::chrono::seconds halfLife{10};

    /// Stays between these two.
    PlayoutDelay(Milliseconds least, Milliseconds most) : least_(least), most_(most) {}

    /// A report has come. Returns what to aim at now.
    Milliseconds report(Clock::time_point now, const Report& report);

    /// It asks for a packet that was sent that long ago, for the first time; `sent` as in Report.
    /// Returns what to aim at now.
    Milliseconds missed(Milliseconds age, std::uint64_t sent);
    /// There were too few reports to tell its loss.
    bool isNew() const { return reports_ < enough; }

    /// Attempts after which no more than acceptedLoss is missing, where the request is as easily
    /// lost as what it asks for.
    static int attempts(double loss);

private:
    void remember(Clock::time_point now, double loss);
    Milliseconds aim(Milliseconds roundTrip, Milliseconds jitter, std::uint64_t sent) const;

    Milliseconds least_, most_;
    double loss_ = 0; ///< up at once, down slowly
    int reports_ = 0;
    int missed_ = 0;         ///< packets
    bool overtaken_ = false; ///< they came after all: their number says nothing
    std::optional<Clock::time_point> last_;
    std::optional<Milliseconds> roundTrip_; ///< of the report before
};

/// Leads from one delay to the next along a stream. Browsers obey at once, and a jump would be the
/// freeze that it is there to prevent: pictures run at half their speed until they are as late as
/// they shall be, and on the way back a twentieth faster, which nobody sees. A delay is that of the
/// frame that has come last, and so of all that are held back until they are shown: where it grows
/// by half of the time that goes by, pictures become later by twice as much.
class DelaySlope {
public:
    explicit DelaySlope(int milliseconds = 0) : ticks_(milliseconds * perMillisecond) {}

    /// Milliseconds for the frame of that RTP timestamp, on the way to `target`.
    int at(std::uint32_t timestamp, int target);
    /// Pictures have stood still for so many milliseconds, on the way to `target`: they need not be
    /// made up for.
    void skip(int milliseconds, int target);
    int now() const { return ticks_ / perMillisecond; }

private:
    static constexpr int perMillisecond = 90; ///< video's clock

    int ticks_;
    std::optional<std::uint32_t> last_;
};

} // namespace web
