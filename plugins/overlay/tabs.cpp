#include "overlay/tabs.hpp"

#include <algorithm>

namespace overlay {

bool TabPlaces::isFree(const Area& area) const {
    return std::none_of(taken_.begin(), taken_.end(),
                        [&](const Area& other) { return !intersect(area, other).empty(); });
}

Area TabPlaces::take(const Area& box, int tabWidth, int tabHeight, int lineWidth) {
    const int x = std::max(0, std::min(box.x, width_ - tabWidth));
    const int lowest = height_ - tabHeight;
    // Above, the tab covers the box's own line: box and tab are then one shape.
    const int above = box.y + lineWidth - tabHeight;
    const int candidates[] = {above, box.y, box.bottom() - lineWidth};
    Area fallback{x, std::max(0, std::min(above >= 0 ? above : box.y, lowest)), tabWidth,
                  tabHeight};
    // With so many tabs every place is taken anyway, and looking would cost their square.
    constexpr std::size_t maxLooked = 200;
    if (taken_.size() >= maxLooked)
        return fallback;
    for (const int y : candidates) {
        const Area place{x, y, tabWidth, tabHeight};
        if (y >= 0 && y <= lowest && isFree(place)) {
            taken_.push_back(place);
            return place;
        }
    }
    taken_.push_back(fallback);
    return fallback;
}

} // namespace overlay
