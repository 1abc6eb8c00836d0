#include "overlay/lines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace overlay {

namespace {

/// What lies farther from a line than its radius and this is not covered at all.
constexpr double softness = 0.5;

/// Lowers `out` to the squared distances of pixels from `x`, 0.5 on to the line.
void measure(const Lines::Place& a, const Lines::Place& b, double x, double y,
             float* __restrict out, int count) {
    const double dx = b.x - a.x, dy = b.y - a.y;
    const double length = dx * dx + dy * dy;
    // Of a pixel's place along the line, 0 to 1, and how that grows from pixel to pixel.
    const double scale = length > 0 ? 1 / length : 0;
    const auto start = static_cast<float>(((x + 0.5 - a.x) * dx + (y - a.y) * dy) * scale);
    const auto step = static_cast<float>(dx * scale);
    const auto startX = static_cast<float>(x + 0.5 - a.x), offY = static_cast<float>(y - a.y);
    const auto alongX = static_cast<float>(dx), alongY = static_cast<float>(dy);
    for (int i = 0; i < count; i++) {
        const auto n = static_cast<float>(i);
        float t = start + n * step;
        t = t < 0 ? 0 : t;
        t = t > 1 ? 1 : t;
        const float toX = startX + n - t * alongX, toY = offY - t * alongY;
        const float d = toX * toX + toY * toY;
        out[i] = d < out[i] ? d : out[i];
    }
}

int firstPixel(double edge) { return static_cast<int>(std::floor(edge - softness)); }
int pastPixel(double edge) { return static_cast<int>(std::ceil(edge + softness)) + 1; }

} // namespace

void Lines::add(const Place& from, const Place& to) { lines_.emplace_back(from, to); }

Area Lines::bounds() const {
    if (lines_.empty())
        return {};
    double left = lines_[0].first.x, right = left, top = lines_[0].first.y, bottom = top;
    for (const auto& [a, b] : lines_) {
        left = std::min({left, a.x, b.x});
        right = std::max({right, a.x, b.x});
        top = std::min({top, a.y, b.y});
        bottom = std::max({bottom, a.y, b.y});
    }
    const int x = firstPixel(left - radius_), y = firstPixel(top - radius_);
    return {x, y, pastPixel(right + radius_) - x, pastPixel(bottom + radius_) - y};
}

Span Lines::spanOf(const std::pair<Place, Place>& line, int y) const {
    const auto& [a, b] = line;
    const double reach = radius_ + softness, middle = y + 0.5;
    if (middle < std::min(a.y, b.y) - reach || middle > std::max(a.y, b.y) + reach)
        return {};
    double left = std::min(a.x, b.x), right = std::max(a.x, b.x);
    // The part of the line that is within reach of the row, if it is not all of it.
    if (const double dy = b.y - a.y; std::fabs(dy) > 1e-6) {
        const double t0 = std::clamp((middle - reach - a.y) / dy, 0.0, 1.0);
        const double t1 = std::clamp((middle + reach - a.y) / dy, 0.0, 1.0);
        const double x0 = a.x + t0 * (b.x - a.x), x1 = a.x + t1 * (b.x - a.x);
        left = std::min(x0, x1);
        right = std::max(x0, x1);
    }
    return {firstPixel(left - radius_), pastPixel(right + radius_)};
}

void Lines::addSpans(int y, std::vector<Span>& spans) {
    for (const auto& line : lines_)
        if (const Span span = spanOf(line, y); span.from < span.to)
            spans.push_back(span);
}

void Lines::cover(int y, Span span, std::uint8_t* out) {
    const auto count = static_cast<std::size_t>(span.to - span.from);
    const auto outer = static_cast<float>(radius_ + softness);
    distances_.assign(count, 4 * outer * outer + 1);
    for (const auto& line : lines_) {
        const Span own = spanOf(line, y);
        const int from = std::max(own.from, span.from), to = std::min(own.to, span.to);
        if (from < to)
            measure(line.first, line.second, from, y + 0.5, distances_.data() + (from - span.from),
                    to - from);
    }
    // A hole of no width must not take the middle of the line with it.
    const auto inner = static_cast<float>(hole_ > 0 ? hole_ + softness : -1);
    const float* __restrict distances = distances_.data();
    for (std::size_t i = 0; i < count; i++) {
        const float distance = std::sqrt(distances[i]);
        const auto inside = [distance](float edge) {
            const float part = edge - distance;
            return part < 0 ? 0.0F : part > 1 ? 1.0F : part;
        };
        out[i] = static_cast<std::uint8_t>(255 * (inside(outer) - inside(inner)) + 0.5F);
    }
}

} // namespace overlay
