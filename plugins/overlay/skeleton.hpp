#pragma once

#include "base/detection.hpp"

#include <utility>
#include <vector>

namespace overlay {

/// Pairs of key points that are joined by a line: the 19 limbs of COCO's person where there are 17
/// (nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; left before right), else
/// none.
const std::vector<std::pair<int, int>>& limbsOf(std::size_t keyPoints);

/// Whether a key point can be drawn: seen at least that surely, and somewhere near the frame.
bool isShown(const base::KeyPoint& point, double threshold);

/// Whether four corners are there that can be drawn.
bool isTurned(const base::Detection& object);

} // namespace overlay
