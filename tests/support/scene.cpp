#include "support/scene.hpp"

#include "support/barcode.hpp"

#include <algorithm>
#include <cmath>

namespace camera {
namespace {

constexpr double pi = 3.14159265358979323846;

// Sizes swing a third of a turn apart from one another: their sum stays 3 * meanSize, so that three
// lanes always fit above one another although each sign grows to nearly a third of the frame.
constexpr double meanSize = 0.21;
constexpr double sizeSwing = 0.085;
constexpr double sizePeriod = 29; // seconds
constexpr double largest = meanSize + sizeSwing;

struct Lane {
    double speed;     ///< greatest, in frame widths per second
    double start;     ///< radians on its way to and fro
    double bobPeriod; ///< seconds
};
constexpr std::array<Lane, signCount> lanes = {Lane{0.142, 0.4, 5.3}, Lane{0.105, 2.9, 6.7},
                                               Lane{0.125, 4.6, 7.9}};

double wave(double seconds, double period, double phase = 0) {
    return std::sin(2 * pi * seconds / period + phase);
}

double sizeAt(int sign, double seconds) {
    return meanSize + sizeSwing * wave(seconds, sizePeriod, sign * 2 * pi / signCount);
}

double centreAt(const Lane& lane, double seconds, double aspect) {
    const double reach = 0.5 - largest / aspect / 2 - 0.02;
    return 0.5 + reach * std::sin(lane.speed / reach * seconds + lane.start);
}

} // namespace

std::vector<base::Detection> objectsAt(std::uint64_t frameNumber, double fps, double aspect) {
    aspect = std::clamp(aspect, 0.5, 4.0);
    const double seconds = static_cast<double>(frameNumber) / fps;
    const double bottom = 1 - aspect * Barcode::cellWidth - 0.015;
    const double gap = (bottom - textBottom - signCount * meanSize) / (signCount + 1);

    std::vector<base::Detection> found;
    double top = textBottom + gap;
    for (int sign = 0; sign < signCount; ++sign) {
        const Lane& lane = lanes[static_cast<std::size_t>(sign)];
        const double height = sizeAt(sign, seconds);
        const double width = height / aspect;
        const double bob = 0.35 * gap * wave(seconds, lane.bobPeriod);
        base::Detection detection;
        detection.box = {centreAt(lane, seconds, aspect) - width / 2, top + bob, width, height};
        detection.score = 1;
        detection.classId = sign;
        detection.label = signNames[static_cast<std::size_t>(sign)];
        found.push_back(std::move(detection));
        top += height + gap;
    }
    return found;
}

} // namespace camera
