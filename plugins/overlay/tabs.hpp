#pragma once

#include "overlay/canvas.hpp"

#include <vector>

namespace overlay {

/// Finds room for label tabs: above the box, else at the top inside it, else below; within the
/// frame, and off other tabs where that can be. Those asked for first get the best places.
class TabPlaces {
public:
    TabPlaces(int frameWidth, int frameHeight) : width_(frameWidth), height_(frameHeight) {}

    /// A place for a tab of that size; larger than the frame, it starts at the frame's corner.
    Area take(const Area& box, int tabWidth, int tabHeight, int lineWidth);

private:
    std::int64_t covered(const Area& area) const;

    int width_;
    int height_;
    std::vector<Area> taken_;
};

} // namespace overlay
