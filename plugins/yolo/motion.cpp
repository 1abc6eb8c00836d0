#include "motion.hpp"

#include <cstdlib>
#include <numeric>

namespace yolo {
namespace {

constexpr int samples = 4; // on each axis of a cell

/// Bytes from one pixel to the next, and where in them the sample is.
struct Step {
    int bytes, offset;
};

Step stepOf(base::PixelFormat format) {
    switch (format) {
    case base::PixelFormat::I420:
    case base::PixelFormat::NV12:
        return {1, 0};
    case base::PixelFormat::YUY2:
        return {2, 0};
    case base::PixelFormat::BGR:
    case base::PixelFormat::RGB:
        return {3, 1};
    case base::PixelFormat::BGRx:
    case base::PixelFormat::RGBx:
        return {4, 1};
    }
    return {1, 0};
}

int mean(const std::vector<std::uint8_t>& cells) {
    return static_cast<int>(std::accumulate(cells.begin(), cells.end(), 0u) / cells.size());
}

} // namespace

double MotionGate::look(const base::Frame& frame) {
    const Step step = stepOf(frame.format);
    if (frame.width != width_ || frame.height != height_)
        kept_.clear();
    width_ = frame.width;
    height_ = frame.height;
    constexpr int across = columns * samples, down = rows * samples;
    sums_.assign(std::size_t{columns} * rows, 0);
    for (int y = 0; y < down; y++) {
        const int line = static_cast<int>((2 * std::int64_t{y} + 1) * frame.height / (2 * down));
        const std::uint8_t* row = frame.planes[0] + line * frame.strides[0] + step.offset;
        unsigned* sum = &sums_[static_cast<std::size_t>(y / samples) * columns];
        for (int x = 0; x < across; x++)
            sum[x / samples] +=
                row[(2 * std::int64_t{x} + 1) * frame.width / (2 * across) * step.bytes];
    }
    seen_.resize(sums_.size());
    for (std::size_t i = 0; i < sums_.size(); i++)
        seen_[i] = static_cast<std::uint8_t>(sums_[i] / (samples * samples));
    if (kept_.empty())
        return 1;
    const int brighter = mean(seen_) - mean(kept_);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < seen_.size(); i++)
        changed += std::abs(seen_[i] - kept_[i] - brighter) >= MotionGate::step;
    return static_cast<double>(changed) / static_cast<double>(seen_.size());
}

void MotionGate::keep() { kept_ = seen_; }

} // namespace yolo
