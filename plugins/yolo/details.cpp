#include "details.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cmath>

namespace yolo {
namespace {

base::Point placed(const Fit& fit, double x, double y) {
    const base::Rect r = toFrame(fit, x, y, x, y);
    return {r.x, r.y};
}

} // namespace

Details::Details(const std::vector<infer::Tensor>& outputs, const Layout& layout, int netWidth,
                 int netHeight)
    : outputs_(outputs), layout_(layout), scaleX_(layout.parts ? static_cast<float>(netWidth) : 1),
      scaleY_(layout.parts ? static_cast<float>(netHeight) : 1), netWidth_(netWidth),
      netHeight_(netHeight) {
    if (layout.channels > 0 && layout.boxes < outputs.size())
        count_ = outputs[layout.boxes].size() / static_cast<std::size_t>(layout.channels);
}

float Details::value(std::size_t index, int channel) const {
    const auto c = static_cast<std::size_t>(channel);
    const float* const data = outputs_[layout_.boxes].data;
    return layout_.kind == Layout::Kind::Columns
               ? data[c * count_ + index]
               : data[index * static_cast<std::size_t>(layout_.channels) + c];
}

Turned Details::turned(std::size_t index) const {
    if (!layout_.oriented || index >= count_)
        return {};
    return {value(index, 0) * scaleX_, value(index, 1) * scaleY_, value(index, 2) * scaleX_,
            value(index, 3) * scaleY_, value(index, layout_.channels - 1)};
}

void Details::fill(base::Detection& object, std::size_t index, const Fit& fit) const {
    if (index >= count_)
        return;
    if (layout_.keyPoints > 0)
        object.keyPoints = keyPoints(index, fit);
    if (layout_.oriented)
        object.corners = corners(index, fit);
    if (layout_.masks > 0)
        object.mask = mask(index, object.box, fit);
}

std::vector<base::KeyPoint> Details::keyPoints(std::size_t index, const Fit& fit) const {
    std::vector<base::KeyPoint> points;
    for (int k = 0; k < layout_.keyPoints; k++) {
        const int at = layout_.extras + k * layout_.keyPointValues;
        const float x = value(index, at) * scaleX_, y = value(index, at + 1) * scaleY_;
        const float seen = layout_.keyPointValues > 2 ? value(index, at + 2) : 1;
        if (std::isfinite(x + y + seen))
            points.push_back({placed(fit, x, y), std::clamp(seen, 0.0f, 1.0f)});
        else
            points.push_back({{}, 0}); // keeps the order
    }
    return points;
}

std::vector<base::Point> Details::corners(std::size_t index, const Fit& fit) const {
    const Turned t = turned(index);
    const double c = std::cos(t.angle) / 2, s = std::sin(t.angle) / 2;
    const double alongX = t.width * c, alongY = t.width * s;
    const double acrossX = -t.height * s, acrossY = t.height * c;
    if (!std::isfinite(t.x + t.y + alongX + alongY + acrossX + acrossY))
        return {};
    return {placed(fit, t.x - alongX - acrossX, t.y - alongY - acrossY),
            placed(fit, t.x + alongX - acrossX, t.y + alongY - acrossY),
            placed(fit, t.x + alongX + acrossX, t.y + alongY + acrossY),
            placed(fit, t.x - alongX + acrossX, t.y - alongY + acrossY)};
}

/// The prototypes weighted and added up where the box lies, at their own resolution, made 0..1 and
/// read between their centres.
std::shared_ptr<const base::Mask> Details::mask(std::size_t index, const base::Rect& box,
                                                const Fit& fit) const {
    if (layout_.prototypes >= outputs_.size())
        return nullptr;
    const infer::Tensor& prototypes = outputs_[layout_.prototypes];
    if (prototypes.shape.size() != 4 || prototypes.shape[1] != layout_.masks)
        return nullptr;
    const int height = static_cast<int>(prototypes.shape[2]);
    const int width = static_cast<int>(prototypes.shape[3]);
    if (width < 1 || height < 1)
        return nullptr;
    // From parts of the frame to cells of the prototypes.
    const auto cellX = [&](double part) {
        return (fit.left + part * fit.width) * width / netWidth_;
    };
    const auto cellY = [&](double part) {
        return (fit.top + part * fit.height) * height / netHeight_;
    };
    const double left = cellX(box.x), right = cellX(box.right());
    const double top = cellY(box.y), bottom = cellY(box.bottom());
    const int x0 = std::clamp(static_cast<int>(std::floor(left - 0.5)), 0, width - 1);
    const int x1 = std::clamp(static_cast<int>(std::ceil(right + 0.5)), x0 + 1, width);
    const int y0 = std::clamp(static_cast<int>(std::floor(top - 0.5)), 0, height - 1);
    const int y1 = std::clamp(static_cast<int>(std::ceil(bottom + 0.5)), y0 + 1, height);
    const int columns = x1 - x0, rows = y1 - y0;
    std::vector<float> sum(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), 0);
    for (int m = 0; m < layout_.masks; m++) {
        const float weight = value(index, layout_.extras + m);
        for (int y = 0; y < rows; y++) {
            const float* const from =
                prototypes.data + (static_cast<std::ptrdiff_t>(m) * height + y0 + y) * width + x0;
            float* const to = sum.data() + static_cast<std::ptrdiff_t>(y) * columns;
            for (int x = 0; x < columns; x++)
                to[x] += weight * from[x];
        }
    }
    for (float& v : sum)
        v = 1 / (1 + std::exp(-v));
    auto mask = std::make_shared<base::Mask>();
    mask->width = std::clamp(static_cast<int>(std::lround(right - left)), 1, width);
    mask->height = std::clamp(static_cast<int>(std::lround(bottom - top)), 1, height);
    mask->cover.reserve(static_cast<std::size_t>(mask->width) *
                        static_cast<std::size_t>(mask->height));
    const auto between = [](double at, int count) {
        const double inside = std::clamp(at, 0.0, count - 1.0);
        const int first = std::min(static_cast<int>(inside), std::max(count - 2, 0));
        return std::pair{first, inside - first};
    };
    for (int y = 0; y < mask->height; y++) {
        const auto [row, down] =
            between(top + (y + 0.5) * (bottom - top) / mask->height - 0.5 - y0, rows);
        const float* const upper = sum.data() + static_cast<std::ptrdiff_t>(row) * columns;
        const float* const lower = rows > 1 ? upper + columns : upper;
        for (int x = 0; x < mask->width; x++) {
            const auto [column, along] =
                between(left + (x + 0.5) * (right - left) / mask->width - 0.5 - x0, columns);
            const int next = columns > 1 ? column + 1 : column;
            const double v = (upper[column] * (1 - along) + upper[next] * along) * (1 - down) +
                             (lower[column] * (1 - along) + lower[next] * along) * down;
            mask->cover.push_back(std::isfinite(v) ? static_cast<std::uint8_t>(std::lround(v * 255))
                                                   : 0);
        }
    }
    return mask;
}

} // namespace yolo
