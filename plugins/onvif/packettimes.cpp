#include "packettimes.hpp"

#include <algorithm>

namespace {

/// 1 ms: Matroska and FLV tell no less apart.
constexpr onvif::PacketTimes::Time step = 1000000;

} // namespace

namespace onvif {

void PacketTimes::restart() {
    floor_ = latest_;
    known_ = false;
}

PacketTimes::Time PacketTimes::following(Time running, std::uint32_t rtp) const {
    if (!known_)
        return running;
    const auto ahead = static_cast<std::int32_t>(rtp - rtp_);
    if (ahead == 0)
        return time_;
    const bool taken = ahead > 0 ? running <= time_ : running == time_;
    return taken ? time_ + step : running;
}

PacketTimes::Time PacketTimes::place(Time running, std::uint32_t rtp) {
    if (running == none)
        return none;
    time_ = following(std::max(running, floor_), rtp);
    rtp_ = rtp;
    known_ = true;
    latest_ = std::max(latest_, time_);
    return time_;
}

} // namespace onvif
