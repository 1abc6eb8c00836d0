#include "overlay/skeleton.hpp"

#include <algorithm>
#include <cmath>

namespace overlay {

namespace {

/// In parts of the frame. Farther out there is nothing that a line inside it could lead to.
bool isNear(const base::Point& p) { return std::fabs(p.x) <= 10 && std::fabs(p.y) <= 10; }

} // namespace

const std::vector<std::pair<int, int>>& limbsOf(std::size_t keyPoints) {
    // "skeleton" of COCO's person_keypoints annotations, counted from 0.
    static const std::vector<std::pair<int, int>> person = {
        {15, 13}, {13, 11}, {16, 14}, {14, 12}, {11, 12}, {5, 11}, {6, 12}, {5, 6}, {5, 7}, {6, 8},
        {7, 9},   {8, 10},  {1, 2},   {0, 1},   {0, 2},   {1, 3},  {2, 4},  {3, 5}, {4, 6}};
    static const std::vector<std::pair<int, int>> none;
    return keyPoints == 17 ? person : none;
}

bool isShown(const base::KeyPoint& point, double threshold) {
    return point.score >= static_cast<float>(threshold) && isNear(point.at);
}

bool isTurned(const base::Detection& object) {
    return object.corners.size() == 4 &&
           std::all_of(object.corners.begin(), object.corners.end(), isNear);
}

} // namespace overlay
