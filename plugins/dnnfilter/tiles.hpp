#pragma once

#include "dnnfilter/rgbpicture.hpp"

#include <cstdint>
#include <vector>

namespace dnnfilter {

/// How tiles of one size cover one side of a frame: the first begins where the frame does, the last
/// ends where it ends, and neighbours overlap by `overlap` pixels or more. One that is longer than
/// the frame hangs over its end.
class Axis {
public:
    /// `length` and `tile` at least 1; `overlap` is held under half a tile.
    Axis(int length, int tile, int overlap);

    int tile() const { return tile_; }
    const std::vector<int>& starts() const { return starts_; }
    /// What tile `i` counts for at each pixel of it: rising and falling over the overlap. Those of
    /// all tiles add up to 1 at each pixel of the frame.
    const std::vector<float>& weights(std::size_t i) const { return weights_[i]; }
    int length() const { return length_; }

private:
    int length_, tile_;
    std::vector<int> starts_;
    std::vector<std::vector<float>> weights_;
};

/// Cuts a tile out of a picture, as three planes of floats, 0 to 255. What hangs over repeats the
/// last pixel.
void cut(const RgbPicture& picture, const Axis& across, std::size_t column, const Axis& down,
         std::size_t row, float* planes);

/// Puts tiles together, in 7 bits of fraction: a quarter of a level is lost at most where four
/// meet.
class Quilt {
public:
    void begin(int width, int height);
    void add(const float* planes, const Axis& across, std::size_t column, const Axis& down,
             std::size_t row);
    void finish(RgbPicture& picture) const;

private:
    int width_ = 0, height_ = 0;
    std::vector<std::uint16_t> sum_;
};

} // namespace dnnfilter
