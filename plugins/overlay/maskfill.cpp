#include "overlay/maskfill.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace overlay {

namespace {

constexpr float half = 127.5F;

std::uint8_t steepened(float value, float gain) {
    return static_cast<std::uint8_t>(std::clamp((value - half) * gain + half, 0.0F, 255.0F) + 0.5F);
}

} // namespace

MaskFill::MaskFill(const base::Mask& mask, const Area& box)
    : mask_(mask), box_(box),
      empty_(box.empty() || mask.width <= 0 || mask.height <= 0 ||
             mask.cover.size() !=
                 static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height)) {
    if (empty_)
        return;
    cellWidth_ = static_cast<double>(box.width) / mask.width;
    cellHeight_ = static_cast<double>(box.height) / mask.height;
    gain_ = static_cast<float>(std::clamp(std::min(cellWidth_, cellHeight_), 1.0, 64.0));
    // Of pixel x the centre is x + 0.5, of cell i it is (i + 0.5) cells.
    starts_.push_back(0);
    for (int i = 0; i < mask.width; i++) {
        const int start = static_cast<int>(std::ceil((i + 0.5) * cellWidth_ - 0.5));
        starts_.push_back(std::clamp(start, 0, box.width));
    }
    starts_.push_back(box.width);
}

/// Cells left and right of the outermost centres repeat them: interval i is then always between
/// cell i and cell i + 1 of `row_`.
void MaskFill::readRow(int y) {
    if (rowRead_ && y == rowAt_)
        return;
    rowAt_ = y;
    rowRead_ = true;
    const double at = std::clamp((y - box_.y + 0.5) / cellHeight_ - 0.5, 0.0, mask_.height - 1.0);
    const int upper = static_cast<int>(at), lower = std::min(upper + 1, mask_.height - 1);
    const auto down = static_cast<float>(at - upper);
    const auto width = static_cast<std::size_t>(mask_.width);
    const std::uint8_t* const a = mask_.cover.data() + static_cast<std::size_t>(upper) * width;
    const std::uint8_t* const b = mask_.cover.data() + static_cast<std::size_t>(lower) * width;
    row_.resize(width + 2);
    for (std::size_t i = 0; i < width; i++)
        row_[i + 1] = static_cast<float>(a[i]) * (1 - down) + static_cast<float>(b[i]) * down;
    row_.front() = row_[1];
    row_.back() = row_[width];
}

int MaskFill::levelOf(std::size_t interval) const {
    const float a = row_[interval], b = row_[interval + 1];
    const float edge = half / gain_;
    if (std::max(a, b) <= half - edge)
        return 0;
    return std::min(a, b) >= half + edge ? 255 : -1;
}

void MaskFill::addSpans(int y, std::vector<Span>& spans) {
    readRow(y);
    const std::size_t first = spans.size();
    for (std::size_t i = 0; i + 1 < starts_.size(); i++) {
        if (starts_[i] == starts_[i + 1] || levelOf(i) == 0)
            continue;
        if (spans.size() > first && spans.back().to == box_.x + starts_[i])
            spans.back().to = box_.x + starts_[i + 1];
        else
            spans.push_back({box_.x + starts_[i], box_.x + starts_[i + 1]});
    }
}

/// Most of a mask is well inside or well outside: only where it changes there is arithmetic.
void MaskFill::cover(int y, Span span, std::uint8_t* out) {
    readRow(y);
    const int from = span.from - box_.x, to = span.to - box_.x;
    const auto after = std::upper_bound(starts_.begin(), starts_.end() - 1, from);
    for (auto i = static_cast<std::size_t>(after - starts_.begin()) - 1;
         i + 1 < starts_.size() && starts_[i] < to; i++) {
        const int begin = std::max(starts_[i], from), end = std::min(starts_[i + 1], to);
        if (begin >= end)
            continue;
        std::uint8_t* const part = out + (begin - from);
        const int level = levelOf(i);
        if (level >= 0) {
            std::memset(part, level, static_cast<std::size_t>(end - begin));
            continue;
        }
        // From centre to centre the value goes straight.
        const auto perPixel = static_cast<float>((row_[i + 1] - row_[i]) / cellWidth_);
        const auto past =
            static_cast<float>(begin + 0.5 - (static_cast<double>(i) - 0.5) * cellWidth_);
        for (int x = 0; x < end - begin; x++)
            part[x] = steepened(row_[i] + (past + static_cast<float>(x)) * perPixel, gain_);
    }
}

} // namespace overlay
