#pragma once

#include "base/detection.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace camera {

/// The drawn scene: a calm hall in greys with three flat, saturated signs that move in lanes of
/// their own. It is made so that a network can be tested on it: what is where is a pure function of
/// the frame number.
///
/// Promises, for every frame and every width:height from 1:2 to 4:1 (others count as the nearest):
///   - one circle, one square, one triangle (apex up, as wide as high), each `signColors` flat;
///   - each wholly inside the frame, none overlapping another, the text or the frame number;
///   - heights between 12 % and 30 % of the frame's, changing slowly; moves smoothly, at most about
///     15 % of the frame's width per second;
///   - every other pixel is close to grey: largest minus smallest of R, G, B is 40 at most.

struct Color {
    std::uint8_t red, green, blue;
};

enum Sign { Circle = 0, Square = 1, Triangle = 2 };
constexpr int signCount = 3;
constexpr std::array<const char*, signCount> signNames = {"circle", "square", "triangle"};
constexpr std::array<Color, signCount> signColors = {Color{220, 40, 40}, Color{40, 170, 60},
                                                     Color{50, 80, 220}};

/// What frame `frameNumber` shows, in the order of `Sign`; scores are 1. `aspect` is width / height
/// in square pixels.
std::vector<base::Detection> objectsAt(std::uint64_t frameNumber, double fps, double aspect);

/// The part of the frame's height at the top that belongs to the text, in 0..1.
constexpr double textBottom = 0.085;

} // namespace camera
