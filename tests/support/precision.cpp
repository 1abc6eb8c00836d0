#include "support/precision.hpp"

#include <algorithm>
#include <set>

namespace {

/// One answer after it was held against the truth.
struct Judged {
    double score;
    bool right;
};

double share(const base::Rect& found, const Precision::Truth& truth) {
    if (!truth.crowd)
        return base::overlap(found, truth.box);
    return found.area() > 0 ? base::intersect(found, truth.box).area() / found.area() : 0;
}

/// The area under precision over recall: at each of 101 recalls the best precision from there on.
double area(std::vector<Judged> judged, std::size_t objects) {
    std::stable_sort(judged.begin(), judged.end(),
                     [](const Judged& a, const Judged& b) { return a.score > b.score; });
    std::vector<double> recall, precision;
    double right = 0;
    for (std::size_t i = 0; i < judged.size(); i++) {
        right += judged[i].right;
        recall.push_back(right / static_cast<double>(objects));
        precision.push_back(right / static_cast<double>(i + 1));
    }
    for (std::size_t i = precision.size(); i-- > 1;)
        precision[i - 1] = std::max(precision[i - 1], precision[i]);
    double sum = 0;
    for (int point = 0; point <= 100; point++) {
        const auto at = std::lower_bound(recall.begin(), recall.end(), point / 100.0 - 1e-12);
        if (at != recall.end())
            sum += precision[static_cast<std::size_t>(at - recall.begin())];
    }
    return sum / 101;
}

} // namespace

void Precision::addPicture(const std::vector<Truth>& truth, const std::vector<Found>& found) {
    std::map<int, Picture> pictures;
    for (const Truth& t : truth)
        pictures[t.classId].truth.push_back(t);
    for (const Found& f : found)
        pictures[f.classId].found.push_back(f);
    for (auto& [classId, picture] : pictures) {
        // What may be passed over is tried last.
        std::stable_partition(picture.truth.begin(), picture.truth.end(),
                              [](const Truth& t) { return !t.crowd && !t.ignore; });
        std::stable_sort(picture.found.begin(), picture.found.end(),
                         [](const Found& a, const Found& b) { return a.score > b.score; });
        classes_[classId].push_back(std::move(picture));
    }
}

double Precision::ofClass(int classId, double overlap) const {
    std::size_t objects = 0;
    std::vector<Judged> judged;
    for (const Picture& picture : classes_.at(classId)) {
        std::set<std::size_t> taken;
        for (const Truth& t : picture.truth)
            objects += !t.crowd && !t.ignore;
        for (const Found& f : picture.found) {
            const Truth* best = nullptr;
            std::size_t bestAt = 0;
            double most = std::min(overlap, 1 - 1e-10);
            for (std::size_t i = 0; i < picture.truth.size(); i++) {
                const Truth& t = picture.truth[i];
                const bool passedOver = t.crowd || t.ignore;
                if (taken.count(i) && !t.crowd)
                    continue;
                if (best && !best->crowd && !best->ignore && passedOver)
                    break;
                const double common = share(f.box, t);
                if (common < most)
                    continue;
                most = common;
                best = &t;
                bestAt = i;
            }
            if (best)
                taken.insert(bestAt);
            if (!best || (!best->crowd && !best->ignore))
                judged.push_back({f.score, best != nullptr});
        }
    }
    return objects ? area(std::move(judged), objects) : -1;
}

double Precision::at(double overlap) const {
    double sum = 0;
    int count = 0;
    for (const auto& entry : classes_) {
        const double precision = ofClass(entry.first, overlap);
        if (precision >= 0) {
            sum += precision;
            count++;
        }
    }
    return count ? sum / count : -1;
}

double Precision::mean() const {
    double sum = 0;
    for (int step = 0; step < 10; step++)
        sum += at(0.5 + 0.05 * step);
    return sum / 10;
}
