#pragma once

#include "letterbox.hpp"
#include "region.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace yolo {

/// A region of a frame as the network takes it. Reused from frame to frame, so that its bars are
/// painted once.
struct Input {
    std::vector<float> tensor;
    Fit place;
    base::Rect region{0, 0, 1, 1}; ///< in parts of the frame
    std::uint64_t geometry = 0;    ///< whose bars the tensor has
};

/// All that the network is to look at in one frame.
struct Job {
    std::vector<Input> inputs; ///< the first `used` of them; the others keep their memory
    std::size_t used = 0;
    std::chrono::nanoseconds time{0}; ///< of the frame, on the stream's clock
};

/// Makes inputs from frames, and a new letterbox when their size changes.
class InputMaker {
public:
    InputMaker(int netWidth, int netHeight, const Preprocessing& picture)
        : netWidth_(netWidth), netHeight_(netHeight), picture_(picture) {}

    void make(const base::Frame& frame, const base::Rect& region, Input& input);

private:
    int netWidth_, netHeight_;
    Preprocessing picture_;
    std::optional<Letterbox> letterbox_;
    std::uint64_t geometry_ = 0;
};

} // namespace yolo
