#include "decode.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cmath>

namespace yolo {
namespace {

using infer::Tensor;
using Kind = Layout::Kind;

class Decoder {
public:
    Decoder(const Layout& layout, int netWidth, int netHeight, float threshold)
        : layout_(layout), netWidth_(netWidth), netHeight_(netHeight), threshold_(threshold),
          scaleX_(layout.parts ? static_cast<float>(netWidth) : 1),
          scaleY_(layout.parts ? static_cast<float>(netHeight) : 1) {}

    /// Row layouts: `count` rows of `layout.channels` values.
    void rows(const float* data, std::ptrdiff_t count) {
        const bool objectness = layout_.kind != Kind::Rows;
        for (std::ptrdiff_t i = 0; i < count; i++) {
            const float* row = data + i * layout_.channels;
            // Scores are parts of 1: what objectness alone does not reach, its product cannot.
            if (objectness && !(row[4] >= threshold_) && layout_.kind != Kind::Darknet)
                continue;
            const float* scores = row + (objectness ? 5 : 4);
            const int best =
                static_cast<int>(std::max_element(scores, scores + layout_.classes) - scores);
            // Darknet's are multiplied already.
            const float score =
                objectness && layout_.kind != Kind::Darknet ? row[4] * scores[best] : scores[best];
            if (score >= threshold_)
                centred(row, 1, score, best, static_cast<std::size_t>(i));
        }
    }

    /// The same rows as grid offsets: cell after cell, the finest grid first.
    bool grid(const float* data, std::ptrdiff_t count) {
        const int largest = count == gridCells(netWidth_, netHeight_, 32) ? 32 : 64;
        if (count != gridCells(netWidth_, netHeight_, largest))
            return false;
        const float* row = data;
        for (int stride = 8; stride <= largest; stride *= 2)
            for (int y = 0; y < netHeight_ / stride; y++)
                for (int x = 0; x < netWidth_ / stride; x++, row += layout_.channels)
                    if (row[4] >= threshold_)
                        cell(row, x, y, static_cast<float>(stride));
        return true;
    }

    /// Columns: class by class through memory, the best so far beside it.
    void columns(const float* data, std::ptrdiff_t count) {
        const auto n = static_cast<std::size_t>(count);
        std::vector<float> best(data + 4 * count, data + 5 * count);
        std::vector<int> classes(n, 0);
        for (int c = 1; c < layout_.classes; c++)
            better(data + (4 + c) * count, c, best.data(), classes.data(), n);
        for (std::ptrdiff_t i = 0; i < count; i++)
            if (best[static_cast<std::size_t>(i)] >= threshold_)
                centred(data + i, count, best[static_cast<std::size_t>(i)],
                        classes[static_cast<std::size_t>(i)], static_cast<std::size_t>(i));
    }

    /// Rows of finished boxes: where x1 and its fellows, the score and the class stand.
    void finished(const float* data, std::ptrdiff_t count, int corner, int score, int classAt) {
        for (std::ptrdiff_t i = 0; i < count; i++) {
            const float* row = data + i * layout_.channels;
            if (!(row[score] >= threshold_ && row[classAt] >= 0 && row[classAt] < 65536))
                continue;
            const int classId = static_cast<int>(row[classAt]);
            if (layout_.centred)
                centred(row, 1, row[score], classId, static_cast<std::size_t>(i));
            else
                corners(row + corner, row[score], classId, static_cast<std::size_t>(i));
        }
    }

    void twoOutputs(const float* boxes, const float* scores, std::ptrdiff_t count) {
        for (std::ptrdiff_t i = 0; i < count; i++, scores += layout_.classes) {
            const float* best = std::max_element(scores, scores + layout_.classes);
            if (*best >= threshold_)
                corners(boxes + 4 * i, *best, static_cast<int>(best - scores),
                        static_cast<std::size_t>(i));
        }
    }

    void lists(const float* boxes, const float* scores, const float* labels, std::ptrdiff_t count) {
        for (std::ptrdiff_t i = 0; i < count; i++)
            if (scores[i] >= threshold_ && labels[i] >= 0 && labels[i] < 65536)
                corners(boxes + 4 * i, scores[i], static_cast<int>(labels[i]),
                        static_cast<std::size_t>(i));
    }

    /// One stride's raw head: three anchors, rows, columns.
    void head(const float* row, int height, int width, const float* anchors) {
        const float strideX = static_cast<float>(netWidth_) / static_cast<float>(width);
        const float strideY = static_cast<float>(netHeight_) / static_cast<float>(height);
        for (int a = 0; a < 3; a++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++, row += layout_.channels) {
                    const float* const scores = row + 5;
                    const float objectness = logistic(row[4]);
                    if (!(objectness >= threshold_))
                        continue;
                    const float* const best = std::max_element(scores, scores + layout_.classes);
                    const float score = objectness * logistic(*best);
                    if (!(score >= threshold_))
                        continue;
                    const auto side = [&](int i) {
                        const float s = 2 * logistic(row[2 + i]);
                        return s * s * anchors[2 * a + i];
                    };
                    around((2 * logistic(row[0]) - 0.5f + static_cast<float>(x)) * strideX,
                           (2 * logistic(row[1]) - 0.5f + static_cast<float>(y)) * strideY, side(0),
                           side(1), score, static_cast<int>(best - scores), 0);
                }
    }

    std::vector<Candidate> take() { return std::move(found_); }

private:
    static float logistic(float v) { return 1 / (1 + std::exp(-v)); }

    static void better(const float* __restrict scores, int c, float* __restrict best,
                       int* __restrict classes, std::size_t n) {
        for (std::size_t i = 0; i < n; i++) {
            classes[i] = scores[i] > best[i] ? c : classes[i];
            best[i] = scores[i] > best[i] ? scores[i] : best[i];
        }
    }

    void cell(const float* row, int x, int y, float stride) {
        const float* scores = row + 5;
        const int best =
            static_cast<int>(std::max_element(scores, scores + layout_.classes) - scores);
        const float score = row[4] * scores[best];
        if (!(score >= threshold_))
            return;
        const float box[4] = {(row[0] + static_cast<float>(x)) * stride,
                              (row[1] + static_cast<float>(y)) * stride, std::exp(row[2]) * stride,
                              std::exp(row[3]) * stride};
        around(box[0], box[1], box[2], box[3], score, best, 0);
    }

    /// A candidate whose values lie `step` floats apart.
    void centred(const float* v, std::ptrdiff_t step, float score, int classId, std::size_t index) {
        float width = v[2 * step] * scaleX_, height = v[3 * step] * scaleY_;
        if (layout_.oriented) {
            // The upright box around the turned one.
            const float angle = v[(layout_.channels - 1) * step];
            const float c = std::fabs(std::cos(angle)), s = std::fabs(std::sin(angle));
            const float upright = width * c + height * s;
            height = width * s + height * c;
            width = upright;
        }
        around(v[0] * scaleX_, v[step] * scaleY_, width, height, score, classId, index);
    }

    void around(float x, float y, float width, float height, float score, int classId,
                std::size_t index) {
        add({x - width / 2, y - height / 2, x + width / 2, y + height / 2, score, classId, index});
    }

    void corners(const float* v, float score, int classId, std::size_t index) {
        add({v[0] * scaleX_, v[1] * scaleY_, v[2] * scaleX_, v[3] * scaleY_, score, classId,
             index});
    }

    void add(const Candidate& c) {
        // NaN compares false, so that it is left out too.
        const float far = 1e6f;
        const bool finite = c.left > -far && c.top > -far && c.right < far && c.bottom < far &&
                            std::isfinite(c.score);
        if (finite && c.right > c.left && c.bottom > c.top)
            found_.push_back(c);
    }

    const Layout& layout_;
    int netWidth_, netHeight_;
    float threshold_, scaleX_, scaleY_;
    std::vector<Candidate> found_;
};

[[noreturn]] void refuse(const std::vector<Tensor>& outputs) {
    throw base::Error(base::ErrorKind::BadData,
                      "The network's answer changed its shape; it cannot be used.",
                      describe(outputs));
}

/// How many candidates output `index` has, `channels` values each along the axis that holds them.
std::ptrdiff_t countOf(const std::vector<Tensor>& outputs, std::size_t index, int channels,
                       std::size_t rank, bool columns) {
    if (index >= outputs.size() || outputs[index].shape.size() != rank)
        refuse(outputs);
    const auto& shape = outputs[index].shape;
    const std::int64_t values = shape[rank - (columns ? 2 : 1)];
    const std::int64_t count = shape[rank - (columns ? 1 : 2)];
    if (values != channels || count < 0 || (rank == 3 && shape[0] != 1))
        refuse(outputs);
    return static_cast<std::ptrdiff_t>(count);
}

void readHeads(const std::vector<Tensor>& outputs, const Layout& layout, Decoder& decoder) {
    const float* anchors = layout.anchors;
    // Finest first, whatever the order of the outputs.
    std::vector<const Tensor*> heads;
    for (const Tensor& t : outputs) {
        if (t.shape.size() != 5 || t.shape[1] != 3 || t.shape[4] != layout.channels ||
            heads.size() == 3)
            refuse(outputs);
        heads.push_back(&t);
    }
    std::stable_sort(heads.begin(), heads.end(),
                     [](const Tensor* a, const Tensor* b) { return a->shape[3] > b->shape[3]; });
    for (const Tensor* t : heads) {
        decoder.head(t->data, static_cast<int>(t->shape[2]), static_cast<int>(t->shape[3]),
                     anchors);
        anchors += 6;
    }
}

void readLists(const std::vector<Tensor>& outputs, const Layout& layout, Decoder& decoder) {
    for (const std::size_t i : {layout.boxes, layout.scores, layout.labels, layout.counts})
        if (i >= outputs.size())
            refuse(outputs);
    const Tensor &boxes = outputs[layout.boxes], &counts = outputs[layout.counts];
    const std::size_t room = outputs[layout.scores].size();
    if (boxes.size() != 4 * room || outputs[layout.labels].size() != room || counts.size() != 1)
        refuse(outputs);
    const float said = counts.data[0];
    const auto count =
        said >= 0 ? std::min(static_cast<double>(said), static_cast<double>(room)) : 0;
    decoder.lists(boxes.data, outputs[layout.scores].data, outputs[layout.labels].data,
                  static_cast<std::ptrdiff_t>(count));
}

} // namespace

std::vector<Candidate> decode(const std::vector<Tensor>& outputs, const Layout& layout,
                              int netWidth, int netHeight, float threshold) {
    Decoder decoder(layout, netWidth, netHeight, threshold);
    const auto table = [&](std::size_t rank, bool columns = false) {
        return countOf(outputs, layout.boxes, layout.channels, rank, columns);
    };
    const auto data = [&] { return outputs[layout.boxes].data; };
    switch (layout.kind) {
    case Kind::Columns: {
        const auto count = table(3, true);
        decoder.columns(data(), count);
        break;
    }
    case Kind::Rows:
    case Kind::Objectness: {
        const auto count = table(3);
        decoder.rows(data(), count);
        break;
    }
    case Kind::Grid: {
        const auto count = table(3);
        if (!decoder.grid(data(), count))
            refuse(outputs);
        break;
    }
    case Kind::EndToEnd: {
        const auto count = table(3);
        decoder.finished(data(), count, 0, 4, 5);
        break;
    }
    case Kind::BatchRows: {
        const auto count = table(2);
        decoder.finished(data(), count, 1, layout.scoreFirst ? 5 : 6, layout.scoreFirst ? 6 : 5);
        break;
    }
    case Kind::Darknet:
        for (std::size_t i = 0; i < outputs.size(); i++)
            decoder.rows(outputs[i].data, countOf(outputs, i, layout.channels, 2, false));
        break;
    case Kind::Heads:
        readHeads(outputs, layout, decoder);
        break;
    case Kind::Lists:
        readLists(outputs, layout, decoder);
        break;
    case Kind::TwoOutputs: {
        const auto count = countOf(outputs, layout.scores, layout.classes, 3, false);
        if (layout.boxes >= outputs.size() ||
            outputs[layout.boxes].size() != static_cast<std::size_t>(count) * 4)
            refuse(outputs);
        decoder.twoOutputs(data(), outputs[layout.scores].data, count);
        break;
    }
    }
    return decoder.take();
}

double likeness(const Turned& a, const Turned& b) {
    struct Spread {
        double xx, yy, xy;
        explicit Spread(const Turned& t) {
            const double w = t.width * t.width / 12.0, h = t.height * t.height / 12.0;
            const double c = std::cos(t.angle), s = std::sin(t.angle);
            xx = w * c * c + h * s * s;
            yy = w * s * s + h * c * c;
            xy = (w - h) * c * s;
        }
    };
    constexpr double tiny = 1e-7;
    const Spread p(a), q(b);
    const double xx = p.xx + q.xx, yy = p.yy + q.yy, xy = p.xy + q.xy;
    const double dx = a.x - b.x, dy = a.y - b.y, det = xx * yy - xy * xy + tiny;
    // The Bhattacharyya distance of two Gaussians, then Hellinger's.
    const double apart = (yy * dx * dx + xx * dy * dy - 2 * xy * dx * dy) / det / 4;
    const double detP = std::max(p.xx * p.yy - p.xy * p.xy, 0.0);
    const double detQ = std::max(q.xx * q.yy - q.xy * q.xy, 0.0);
    const double shape = std::log(det / (4 * std::sqrt(detP * detQ) + tiny) + tiny) / 2;
    const double distance = std::min(std::max(apart + shape, tiny), 100.0);
    return 1 - std::sqrt(1 - std::exp(-distance) + tiny);
}

static double same(const Found& a, const Found& b) {
    return a.turned.width > 0 ? likeness(a.turned, b.turned) : base::overlap(a.box, b.box);
}

std::vector<Found> suppress(std::vector<Found> found, double iouThreshold, std::size_t most) {
    const auto better = [](const Found& a, const Found& b) { return a.score > b.score; };
    if (found.size() > most) {
        std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(most),
                         found.end(), better);
        found.resize(most);
    }
    std::stable_sort(found.begin(), found.end(), better);
    std::vector<Found> kept;
    for (const Found& candidate : found) {
        const bool hidden = std::any_of(kept.begin(), kept.end(), [&](const Found& other) {
            return other.classId == candidate.classId && same(other, candidate) > iouThreshold;
        });
        if (!hidden)
            kept.push_back(candidate);
    }
    return kept;
}

} // namespace yolo
