#include "schedule.hpp"

#include <algorithm>
#include <cmath>

namespace yolo {
namespace {

/// What stopped is looked at this often more: the last moving frame has it not quite in its place.
constexpr int framesAfterMotion = 3;

} // namespace

void Schedule::configure(const Settings& settings) {
    interval_ = std::max(settings.inferenceInterval, 1u);
    pause_ = std::chrono::nanoseconds(
        settings.maxFps > 0 ? static_cast<std::int64_t>(1e9 / settings.maxFps) : 0);
    gate_ = settings.motionGate;
}

void Schedule::reset() {
    first_ = true;
    sinceLast_ = 0;
    after_ = 0;
    motion_.reset();
}

bool Schedule::moves(const base::Frame& frame) {
    if (gate_ <= 0)
        return true;
    if (motion_.look(frame) >= gate_)
        after_ = framesAfterMotion;
    else if (--after_ < 0) {
        after_ = 0;
        still_++;
        return false;
    }
    motion_.keep();
    return true;
}

bool Schedule::due(const base::Frame& frame, std::chrono::nanoseconds time, bool late) {
    const bool turn = sinceLast_ == 0;
    sinceLast_ = (sinceLast_ + 1) % interval_;
    if (first_) {
        first_ = false;
        next_ = time + pause_;
        moves(frame); // so that the gate has something to compare with
        after_ = 0;
        return true;
    }
    if (!turn || late || (pause_.count() > 0 && time < next_))
        return false;
    if (!moves(frame))
        return false;
    // From the due time and not from this frame's, or 10 of 25 frames a second would become 8.3.
    next_ += pause_;
    if (next_ < time)
        next_ = time + pause_;
    return true;
}

} // namespace yolo
