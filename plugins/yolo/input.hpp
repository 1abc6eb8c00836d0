#pragma once

#include "letterbox.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace yolo {

/// A frame as the network takes it. Reused from frame to frame, so that its bars are painted once.
struct Input {
    std::vector<float> tensor;
    Fit place;
    std::chrono::nanoseconds time{0}; ///< of the frame, on the stream's clock
    std::uint64_t geometry = 0;       ///< whose bars the tensor has
};

/// Makes inputs from frames, and a new letterbox when the frames change.
class InputMaker {
public:
    InputMaker(int netWidth, int netHeight, const Preprocessing& picture)
        : netWidth_(netWidth), netHeight_(netHeight), picture_(picture) {}

    void make(const base::Frame& frame, std::chrono::nanoseconds time, Input& input);

private:
    int netWidth_, netHeight_;
    Preprocessing picture_;
    std::optional<Letterbox> letterbox_;
    std::uint64_t geometry_ = 0;
};

} // namespace yolo
