#pragma once

#include "settings.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace yolo {

/// Which of a network's findings count.
struct Limits {
    float threshold = 0;
    std::vector<float> thresholds; ///< by class, where any has its own; empty: none has
    double iouThreshold = 1;
    std::vector<int> classes; ///< sorted; empty: all
    std::size_t most = 300;

    bool take(int classId, float score) const;
    /// No finding below it counts.
    float least() const;
};

/// Reads the settings against the names of a network that has `classes` classes (0: unknown).
/// Throws base::Error Settings for a class that it does not have or a threshold that is none.
Limits limitsOf(const Settings& settings, const std::vector<std::string>& names, int classes);

} // namespace yolo
