#include "web/quality.hpp"

#include <algorithm>

namespace web {

void QualityChooser::step(Clock::time_point now, bool down) {
    if (down && wentUp_ && now - *wentUp_ < needed_)
        needed_ = std::min(needed_ * 2, longestCalm);
    else if (down)
        needed_ = calm;
    index_ = down ? index_ + 1 : index_ - 1;
    wentUp_.reset();
    if (!down)
        wentUp_ = now;
    badSince_.reset();
    calmSince_.reset();
}

std::size_t QualityChooser::report(Clock::time_point now, double loss,
                                   std::chrono::milliseconds roundTrip) {
    shortest_ = std::min(shortest_.value_or(roundTrip), roundTrip);
    const bool queues = roundTrip > *shortest_ + queued;
    const bool bad = loss > badLoss || queues;
    if (!bad)
        badSince_.reset();
    else if (!badSince_)
        badSince_ = now;
    if (loss > goodLoss || queues)
        calmSince_.reset();
    else if (!calmSince_)
        calmSince_ = now;
    if (badSince_ && now - *badSince_ >= patience && index_ + 1 < count_)
        step(now, true);
    else if (calmSince_ && now - *calmSince_ >= needed_ && index_ > 0)
        step(now, false);
    return index_;
}

} // namespace web
