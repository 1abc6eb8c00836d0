#include "overlay/tabs.hpp"

#include <algorithm>
#include <limits>

namespace overlay {

/// Pixels of other tabs. With very many tabs every place is taken, and looking costs their square.
std::int64_t TabPlaces::covered(const Area& area) const {
    constexpr std::size_t maxLooked = 200;
    std::int64_t pixels = 0;
    for (std::size_t i = 0; i < std::min(taken_.size(), maxLooked); i++) {
        const Area common = intersect(area, taken_[i]);
        pixels += static_cast<std::int64_t>(common.width) * common.height;
    }
    return pixels;
}

Area TabPlaces::take(const Area& box, int tabWidth, int tabHeight, int lineWidth) {
    const int x = std::max(0, std::min(box.x, width_ - tabWidth));
    const int lowest = height_ - tabHeight;
    // Above and below, the tab covers the box's own line: box and tab are then one shape.
    const int above = box.y + lineWidth - tabHeight, below = box.bottom() - lineWidth;
    Area best{x, std::max(0, std::min(box.y, lowest)), tabWidth, tabHeight};
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (const int y : {above, box.y, below}) {
        const Area place{x, y, tabWidth, tabHeight};
        const std::int64_t cost = y >= 0 && y <= lowest ? covered(place) : least;
        if (cost < least) {
            best = place;
            least = cost;
        }
    }
    taken_.push_back(best);
    return best;
}

} // namespace overlay
