#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace yolo {

// What the numbers of an answer tell where its shape does not.

/// What the box centres of a probe say.
struct Centres {
    double mean = 0, most = 0;
};

/// Strides in floats: from one candidate to the next and from x to y.
inline Centres centres(const float* data, int count, std::ptrdiff_t next, std::ptrdiff_t toY) {
    Centres found;
    int finite = 0;
    for (int i = 0; i < count; i++) {
        const double x = std::fabs(data[i * next]), y = std::fabs(data[i * next + toY]);
        if (!std::isfinite(x + y))
            continue;
        finite++;
        found.mean += x;
        found.most = std::max({found.most, x, y});
    }
    found.mean /= std::max(finite, 1);
    return found;
}

/// Pixels reach far past 2 in any network; parts of the input never do.
inline bool areParts(const Centres& c) { return c.most > 0 && c.most <= 2; }

/// How far from 0 the numbers are, `next` floats apart.
inline double meanOf(const float* data, int count, std::ptrdiff_t next) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += std::isfinite(data[i * next]) ? std::fabs(data[i * next]) : 0;
    return sum / std::max(count, 1);
}

} // namespace yolo
