#include "limits.hpp"

#include "base/error.hpp"
#include "names.hpp"

#include <algorithm>
#include <locale>
#include <sstream>

namespace yolo {
namespace {

/// "0.6", the same in every locale.
float scoreOf(const std::string& text, const std::string& row) {
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    float score = -1;
    const bool number = (in >> score) && (in >> std::ws).eof();
    if (!number || !(score >= 0 && score <= 1))
        throw base::Error(base::ErrorKind::Settings,
                          "'" + row +
                              "' is no threshold for a class: set thresholds to names with a "
                              "number from 0 to 1, such as person=0.6,car=0.3.");
    return score;
}

std::vector<float> thresholdsOf(const Settings& settings, const std::vector<std::string>& names,
                                int classes) {
    std::vector<float> all;
    std::istringstream rows(settings.thresholds);
    for (std::string row; std::getline(rows, row, ',');) {
        if (row.find_first_not_of(" \t") == row.npos)
            continue;
        const auto equals = row.rfind('=');
        const float score = scoreOf(equals == row.npos ? "" : row.substr(equals + 1), row);
        for (const int id : parseClasses(row.substr(0, equals), names, classes)) {
            const auto at = static_cast<std::size_t>(id);
            if (all.size() <= at)
                all.resize(at + 1, static_cast<float>(settings.threshold));
            all[at] = score;
        }
    }
    return all;
}

} // namespace

bool Limits::take(int classId, float score) const {
    const auto at = static_cast<std::size_t>(classId);
    const float own = classId >= 0 && at < thresholds.size() ? thresholds[at] : threshold;
    return score >= own &&
           (classes.empty() || std::binary_search(classes.begin(), classes.end(), classId));
}

float Limits::least() const {
    return thresholds.empty()
               ? threshold
               : std::min(threshold, *std::min_element(thresholds.begin(), thresholds.end()));
}

Limits limitsOf(const Settings& settings, const std::vector<std::string>& names, int classes) {
    Limits limits;
    limits.threshold = static_cast<float>(settings.threshold);
    limits.thresholds = thresholdsOf(settings, names, classes);
    limits.iouThreshold = settings.iouThreshold;
    limits.classes = parseClasses(settings.classes, names, classes);
    limits.most = settings.maxDetections;
    return limits;
}

} // namespace yolo
