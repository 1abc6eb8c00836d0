#pragma once

#include "base/rect.hpp"

#include <cstddef>
#include <map>
#include <vector>

/// Average precision as the COCO benchmark has it (cocodataset.org, "Detection Evaluation"): all
/// sizes, 101 points of recall, mean over the classes that occur.
class Precision {
public:
    /// An object that is there. Boxes in any unit, the same for both.
    struct Truth {
        base::Rect box;
        int classId = 0;
        bool crowd = false;  ///< stands for many: may be found by any number of boxes
        bool ignore = false; ///< counts neither when it is found nor when it is not
    };
    /// An object that was found.
    struct Found {
        base::Rect box;
        int classId = 0;
        double score = 0;
    };

    void addPicture(const std::vector<Truth>& truth, const std::vector<Found>& found);

    /// At one overlap, 0 to 1; -1 where there is nothing to find.
    double at(double overlap) const;
    /// Mean over the overlaps 0.50, 0.55 … 0.95.
    double mean() const;

private:
    struct Picture {
        std::vector<Truth> truth;
        std::vector<Found> found; ///< best first
    };

    double ofClass(int classId, double overlap) const;

    std::map<int, std::vector<Picture>> classes_;
};
