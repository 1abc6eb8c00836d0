#include "dnnfilter/tiles.hpp"

#include <algorithm>
#include <cstddef>

namespace dnnfilter {

namespace {

constexpr int fraction = 7;

std::vector<int> startsOf(int length, int tile, int overlap) {
    if (length <= tile)
        return {0};
    const int step = tile - overlap;
    const int count = 1 + (length - tile + step - 1) / step;
    std::vector<int> starts;
    for (int i = 0; i < count; i++) // evenly, so that all seams are alike
        starts.push_back(static_cast<int>(std::int64_t{i} * (length - tile) / (count - 1)));
    return starts;
}

} // namespace

Axis::Axis(int length, int tile, int overlap)
    : length_(length), tile_(tile),
      starts_(startsOf(length, tile, std::clamp(overlap, 0, (tile - 1) / 2))) {
    std::vector<float> all(static_cast<std::size_t>(length), 0.0F);
    weights_.assign(starts_.size(), std::vector<float>(static_cast<std::size_t>(tile), 0.0F));
    for (std::size_t i = 0; i < starts_.size(); i++)
        for (int x = 0; x < std::min(tile, length); x++) {
            // Up from the edge that a neighbour covers, down to the other; level at the frame's.
            const int up = i > 0 ? x + 1 : tile;
            const int down = i + 1 < starts_.size() ? tile - x : tile;
            const float weight = static_cast<float>(std::min(up, down));
            weights_[i][static_cast<std::size_t>(x)] = weight;
            all[static_cast<std::size_t>(starts_[i] + x)] += weight;
        }
    for (std::size_t i = 0; i < starts_.size(); i++)
        for (int x = 0; x < std::min(tile, length); x++)
            weights_[i][static_cast<std::size_t>(x)] /=
                all[static_cast<std::size_t>(starts_[i] + x)];
}

void cut(const RgbPicture& picture, const Axis& across, std::size_t column, const Axis& down,
         std::size_t row, float* planes) {
    const std::ptrdiff_t plane = std::ptrdiff_t{across.tile()} * down.tile();
    for (int y = 0; y < down.tile(); y++) {
        const int from = std::min(down.starts()[row] + y, picture.height - 1);
        const std::uint8_t* in = picture.bytes.data() + std::ptrdiff_t{3} * from * picture.width;
        float* out = planes + std::ptrdiff_t{y} * across.tile();
        for (int x = 0; x < across.tile(); x++, out++) {
            const int at = 3 * std::min(across.starts()[column] + x, picture.width - 1);
            out[0] = in[at];
            out[plane] = in[at + 1];
            out[2 * plane] = in[at + 2];
        }
    }
}

void Quilt::begin(int width, int height) {
    width_ = width;
    height_ = height;
    sum_.assign(std::size_t{3} * static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
                0);
}

void Quilt::add(const float* planes, const Axis& across, std::size_t column, const Axis& down,
                std::size_t row) {
    const std::ptrdiff_t plane = std::ptrdiff_t{across.tile()} * down.tile();
    const int left = across.starts()[column], top = down.starts()[row];
    const int columns = std::min(across.tile(), width_ - left);
    const int rows = std::min(down.tile(), height_ - top);
    const float* weights = across.weights(column).data();
    for (int y = 0; y < rows; y++) {
        const float* in = planes + std::ptrdiff_t{y} * across.tile();
        std::uint16_t* out = sum_.data() + std::ptrdiff_t{3} * ((top + y) * width_ + left);
        const float all = down.weights(row)[static_cast<std::size_t>(y)] * (1 << fraction);
        for (int x = 0; x < columns; x++, out += 3) {
            const float weight = weights[x] * all;
            for (int c = 0; c < 3; c++)
                out[c] = static_cast<std::uint16_t>(out[c] + in[x + c * plane] * weight + 0.5F);
        }
    }
}

void Quilt::finish(RgbPicture& picture) const {
    picture.resize(width_, height_);
    for (std::size_t i = 0; i < sum_.size(); i++)
        picture.bytes[i] =
            static_cast<std::uint8_t>(std::min((sum_[i] + (1 << (fraction - 1))) >> fraction, 255));
}

} // namespace dnnfilter
