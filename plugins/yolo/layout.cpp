#include "layout.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace yolo {
namespace {

using infer::Tensor;
using Kind = Layout::Kind;

constexpr int cocoClasses = 80;
constexpr int mostCandidates = 1 << 22; ///< past any YOLO; keeps products of sizes in an int
constexpr Preprocessing yoloxPicture{true, false, Placement::TopLeft};
constexpr Preprocessing darknetPicture{false, true, Placement::Stretch};

[[noreturn]] void refuse(const std::vector<Tensor>& outputs) {
    throw base::Error(
        base::ErrorKind::Unsupported,
        "The network's outputs are not those of a YOLO that is understood: " + describe(outputs) +
            ". Understood are YOLOX, YOLOv5 to v12 and YOLO-NAS as their projects export them, "
            "and Darknet's [yolo] layers; export the network again without a changed head, or "
            "fetch one with models/fetch yolox-nano.");
}

bool sane(const Tensor& t) {
    return std::all_of(t.shape.begin(), t.shape.end(),
                       [](std::int64_t d) { return d >= 0 && d <= mostCandidates; }) &&
           t.size() <= std::size_t{1} << 28;
}

int size(const Tensor& t, std::size_t axis) { return static_cast<int>(t.shape[axis]); }

/// What the box centres of a probe say.
struct Centres {
    double mean = 0, most = 0;
};

/// Strides in floats: from one candidate to the next and from x to y.
Centres centres(const float* data, int count, std::ptrdiff_t next, std::ptrdiff_t toY) {
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
bool areParts(const Centres& c) { return c.most > 0 && c.most <= 2; }

/// Channels of the mask prototypes [1, m, h, w] beside the candidates, or 0.
int maskChannels(const std::vector<Tensor>& outputs) {
    for (const Tensor& t : outputs)
        if (t.shape.size() == 4 && t.shape[0] == 1 && t.shape[1] == 32)
            return 32;
    return 0;
}

/// The one output that is [1, a, b]; v5 of old has its raw heads beside it, segmentation its masks.
std::optional<std::size_t> onlyTable(const std::vector<Tensor>& outputs) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < outputs.size(); i++) {
        const auto& shape = outputs[i].shape;
        if (shape.size() < 3)
            return std::nullopt;
        if (shape.size() > 3)
            continue;
        if (found || shape[0] != 1)
            return std::nullopt;
        found = i;
    }
    return found;
}

class Finder {
public:
    Finder(const std::vector<Tensor>& outputs, const Clues& clues)
        : outputs_(outputs), clues_(clues), masks_(maskChannels(outputs)) {}

    std::optional<Layout> find() {
        if (!std::all_of(outputs_.begin(), outputs_.end(), sane))
            return std::nullopt;
        if (clues_.darknet)
            return darknet();
        if (outputs_.size() == 1 && outputs_[0].shape.size() == 2 && size(outputs_[0], 1) == 7)
            return make(Kind::BatchRows, "YOLOv7 end-to-end", 0, 0, 7);
        if (const auto nas = twoOutputs())
            return nas;
        const auto table = onlyTable(outputs_);
        if (!table)
            return std::nullopt;
        const int a = size(outputs_[*table], 1), b = size(outputs_[*table], 2);
        if (isEndToEnd(a, b))
            return endToEnd(*table, b);
        // There are more candidates than channels, unless a network has very few.
        const bool inColumns = areChannels(a) != areChannels(b) ? areChannels(a) : a < b;
        return inColumns ? columns(*table, a, b) : rows(*table, a, b);
    }

private:
    static Layout make(Kind kind, const char* family, std::size_t output, int classes,
                       int channels) {
        Layout l;
        l.kind = kind;
        l.family = family;
        l.boxes = output;
        l.classes = classes;
        l.channels = channels;
        return l;
    }

    std::optional<Layout> darknet() const {
        for (const Tensor& t : outputs_)
            if (t.shape.size() != 2 || t.shape[1] < 6 || t.shape[1] != outputs_[0].shape[1])
                return std::nullopt;
        if (outputs_.empty())
            return std::nullopt;
        const int channels = size(outputs_[0], 1);
        Layout l = make(Kind::Darknet, "Darknet", 0, channels - 5, channels);
        l.picture = darknetPicture;
        l.parts = true;
        return l;
    }

    std::optional<Layout> twoOutputs() const {
        if (outputs_.size() != 2)
            return std::nullopt;
        for (std::size_t i = 0; i < 2; i++) {
            const Tensor &boxes = outputs_[i], &scores = outputs_[1 - i];
            if (boxes.shape.size() == 3 && scores.shape.size() == 3 && boxes.shape[0] == 1 &&
                scores.shape[0] == 1 && size(boxes, 2) == 4 && size(boxes, 1) == size(scores, 1) &&
                size(scores, 2) > 0) {
                Layout l = make(Kind::TwoOutputs, "YOLO-NAS", i, size(scores, 2), 4);
                l.scores = 1 - i;
                l.parts = areParts(centres(boxes.data, size(boxes, 1), 4, 1));
                return l;
            }
        }
        return std::nullopt;
    }

    int cells(int largest) const { return gridCells(clues_.netWidth, clues_.netHeight, largest); }
    bool onGrid(int candidates, int perCell) const {
        return candidates == perCell * cells(32) || candidates == perCell * cells(64);
    }

    /// [1, 300, 6] could be one class with objectness, which then has a row for each cell.
    bool isEndToEnd(int a, int b) const {
        if (clues_.task == "obb" || onGrid(a, 1) || onGrid(a, 3))
            return false;
        if (clues_.endToEnd || b == 6 || (masks_ && b == 6 + masks_))
            return b >= 6 && a >= 6 && a <= 1000;
        return clues_.task == "pose" && a == 300 && b > 6 && (b - 6) % 3 == 0;
    }

    Layout endToEnd(std::size_t output, int channels) const {
        Layout l = make(Kind::EndToEnd, "YOLO end-to-end", output, 0, channels);
        l.extra = masks_ ? "masks" : channels > 6 ? "key points" : "";
        return l;
    }

    /// Whether an axis this long holds the channels of the classes that are known, or of COCO.
    bool areChannels(int length) const {
        const int known = clues_.classes ? clues_.classes : cocoClasses;
        const int more = length - 4 - masks_ - known;
        return more == 0 || more == 1 || (isPose(more) && known == 1);
    }

    /// Whether `more` channels beside the scores can be key points: x, y, visibility.
    static bool isPose(int more) { return more > 0 && more % 3 == 0; }

    /// How many of `rest` channels are class scores; says in `l` what the others are.
    int classesOf(int rest, Layout& l) const {
        const int known = clues_.classes, more = rest - known;
        if (clues_.task == "obb" || (known && more == 1 && rest != cocoClasses && !masks_)) {
            l.oriented = true;
            return rest - 1;
        }
        if (clues_.task == "pose" || (known == 1 && isPose(more) && !masks_)) {
            l.extra = "key points";
            return known > 0 && more > 0 ? known : 0;
        }
        if (masks_) {
            l.extra = "masks";
            return rest - masks_;
        }
        return rest;
    }

    std::optional<Layout> columns(std::size_t output, int channels, int count) const {
        Layout l = make(Kind::Columns, "YOLOv8 type", output, 0, channels);
        l.classes = classesOf(channels - 4, l);
        l.parts = areParts(centres(outputs_[output].data, count, 1, count));
        return l.classes > 0 ? std::optional(l) : std::nullopt;
    }

    /// Whether one of the values is objectness.
    bool hasObjectness(int count, int channels) const {
        const int rest = channels - masks_;
        if (clues_.classes && (rest == 5 + clues_.classes || rest == 4 + clues_.classes))
            return rest == 5 + clues_.classes;
        if (rest == 5 || (rest == 4 + cocoClasses && !onGrid(count, 3)))
            return false;
        return true;
    }

    std::optional<Layout> rows(std::size_t output, int count, int channels) const {
        if (channels < 5)
            return std::nullopt;
        const float* data = outputs_[output].data;
        const Centres found = centres(data, count, channels, 1);
        if (!hasObjectness(count, channels)) {
            Layout l = make(Kind::Rows, "YOLOv8 type", output, 0, channels);
            l.classes = classesOf(channels - 4, l);
            l.parts = areParts(found);
            return l.classes > 0 ? std::optional(l) : std::nullopt;
        }
        Layout l = make(Kind::Objectness, "YOLOv5 or v7", output, channels - 5 - masks_, channels);
        l.extra = masks_ ? "masks" : "";
        if (onGrid(count, 1))
            oneToACell(l, data, count, found);
        else
            l.parts = areParts(found);
        return l.classes > 0 ? std::optional(l) : std::nullopt;
    }

    /// YOLOX, in grid offsets or in pixels, or v6, whose objectness is a column of ones.
    void oneToACell(Layout& l, const float* data, int count, const Centres& found) const {
        if (found.mean < clues_.netWidth / 8.0) { // half the width when in pixels
            l.kind = Kind::Grid;
            l.family = "YOLOX";
            l.picture = yoloxPicture;
            return;
        }
        bool ones = true;
        for (int i = 0; i < count && ones; i++)
            ones = data[static_cast<std::ptrdiff_t>(i) * l.channels + 4] == 1.0f;
        l.family = ones ? "YOLOv6" : "YOLOX, decoded";
        if (!ones)
            l.picture = yoloxPicture;
    }

    const std::vector<Tensor>& outputs_;
    const Clues& clues_;
    int masks_;
};

} // namespace

int gridCells(int netWidth, int netHeight, int largest) {
    int cells = 0;
    for (int stride = 8; stride <= largest; stride *= 2)
        cells += (netWidth / stride) * (netHeight / stride);
    return cells;
}

std::string describe(const std::vector<Tensor>& outputs) {
    std::string text;
    for (std::size_t i = 0; i < outputs.size() && i < 12; i++) {
        text += (i ? ", " : "") + outputs[i].name + " [";
        for (std::size_t d = 0; d < outputs[i].shape.size(); d++)
            text += (d ? ", " : "") + std::to_string(outputs[i].shape[d]);
        text += "]";
    }
    return outputs.size() > 12 ? text + ", …" : text.empty() ? "none" : text;
}

Layout findLayout(const std::vector<Tensor>& outputs, const Clues& clues) {
    if (const auto found = Finder(outputs, clues).find())
        return *found;
    refuse(outputs);
}

} // namespace yolo
