#pragma once

#include "base/frame.hpp"

#include <cstdint>
#include <vector>

namespace yolo {

/// Tells how much of a picture has changed since the one that was last looked at. A grid of cells,
/// each the mean of 16 samples of its luma (of green where there is none), so that the noise of a
/// sensor averages out; a change of the whole picture's brightness is taken off first, so that a
/// cloud is no motion. Reads 37 thousand bytes of a frame whatever its size.
class MotionGate {
public:
    static constexpr int columns = 64, rows = 36;
    /// Levels of 255 that a cell has to change by.
    static constexpr int step = 6;

    /// The part of the cells that changed, 0..1; 1 when there is nothing to compare with.
    double look(const base::Frame& frame);
    /// What was looked at last is what the next is compared with.
    void keep();
    void reset() { kept_.clear(); }

private:
    std::vector<std::uint8_t> seen_, kept_;
    std::vector<unsigned> sums_; ///< of look(), kept for its memory
    int width_ = 0, height_ = 0;
};

} // namespace yolo
