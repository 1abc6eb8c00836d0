#include "layoutfinder.hpp"

#include "layoutprobe.hpp"

#include <algorithm>

namespace yolo {
namespace {

using infer::Tensor;
using Kind = Layout::Kind;

constexpr int cocoClasses = 80;
constexpr int mostCandidates = 1 << 22; ///< past any YOLO; keeps products of sizes in an int
constexpr Preprocessing yoloxPicture{true, false, Placement::TopLeft};
constexpr Preprocessing stretchedPicture{false, true, Placement::Stretch};
constexpr int transformerQueries = 300;
/// A v7 has 37 million weights, a v7-tiny 6.
constexpr std::size_t largestTiny = 32u << 20;

// Pixels, from the projects' own descriptions (cfg/training/yolov7.yaml; v7-tiny has v5's).
constexpr float v5Anchors[] = {10, 13, 16,  30,  33, 23,  30,  61,  62,
                               45, 59, 119, 116, 90, 156, 198, 373, 326};
constexpr float v7Anchors[] = {12, 16, 19,  36,  40,  28,  36,  75,  76,
                               55, 72, 146, 142, 110, 192, 243, 459, 401};

bool sane(const Tensor& t) {
    return std::all_of(t.shape.begin(), t.shape.end(),
                       [](std::int64_t d) { return d >= 0 && d <= mostCandidates; }) &&
           t.size() <= std::size_t{1} << 28;
}

int size(const Tensor& t, std::size_t axis) { return static_cast<int>(t.shape[axis]); }

bool contains(const std::string& text, const char* part) { return text.find(part) != text.npos; }

class Finder {
public:
    Finder(const std::vector<Tensor>& outputs, const Clues& clues)
        : outputs_(outputs), clues_(clues) {
        for (std::size_t i = 0; i < outputs.size(); i++) {
            const auto& shape = outputs[i].shape;
            if (shape.size() == 4 && shape[0] == 1 && shape[1] == 32 && !masks_) {
                masks_ = 32;
                prototypes_ = i;
            }
        }
    }

    std::optional<Layout> find() {
        if (!std::all_of(outputs_.begin(), outputs_.end(), sane))
            return std::nullopt;
        if (clues_.darknet)
            return darknet();
        if (outputs_.size() == 1 && outputs_[0].shape.size() == 2 && size(outputs_[0], 1) == 7)
            return batchRows();
        if (const auto found = lists())
            return found;
        if (const auto found = twoOutputs())
            return found;
        if (const auto found = heads())
            return found;
        const auto table = candidates();
        if (!table)
            return std::nullopt;
        const int a = size(outputs_[*table], 1), b = size(outputs_[*table], 2);
        if (isEndToEnd(a, b))
            return endToEnd(*table, b);
        // As many as the grid has cells are candidates, whatever else the number could mean; else
        // there are more candidates than channels, unless a network has very few.
        const bool cellsA = onGrid(a, 1) || onGrid(a, 3), cellsB = onGrid(b, 1) || onGrid(b, 3);
        const bool inColumns = cellsA != cellsB                   ? cellsB
                               : areChannels(a) != areChannels(b) ? areChannels(a)
                                                                  : a <= b;
        return inColumns ? columns(*table, a, b) : rows(*table, a, b);
    }

private:
    bool asked(LayoutChoice choice) const { return clues_.choice == choice; }
    bool open() const { return clues_.choice == LayoutChoice::Auto; }

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
        l.picture = stretchedPicture;
        l.parts = true;
        return l;
    }

    std::optional<Layout> batchRows() const {
        const bool nas = contains(outputs_[0].name, "flat_predictions") || asked(LayoutChoice::Nas);
        Layout l = make(Kind::BatchRows, nas ? "YOLO-NAS, flat" : "YOLOv7 end-to-end", 0, 0, 7);
        l.scoreFirst = nas;
        l.duplicates = false;
        return l;
    }

    /// What networks with their own suppression answer: how many, boxes, scores and classes.
    std::optional<Layout> lists() const {
        if (outputs_.size() != 4)
            return std::nullopt;
        Layout l = make(Kind::Lists, "YOLO with its own suppression", 4, 0, 4);
        std::vector<std::size_t> values;
        for (std::size_t i = 0; i < 4; i++) {
            const auto& shape = outputs_[i].shape;
            if (shape.size() == 3 && shape[0] == 1 && shape[2] == 4)
                l.boxes = i;
            else if (shape.size() == 2 && shape[0] == 1 && shape[1] == 1)
                l.counts = i;
            else if (shape.size() == 2 && shape[0] == 1)
                values.push_back(i);
        }
        if (l.boxes == 4 || values.size() != 2 ||
            outputs_[values[0]].shape[1] != outputs_[l.boxes].shape[1] ||
            outputs_[values[1]].shape[1] != outputs_[l.boxes].shape[1])
            return std::nullopt;
        const bool classesFirst = contains(outputs_[values[0]].name, "class");
        l.scores = values[classesFirst];
        l.labels = values[!classesFirst];
        l.duplicates = false;
        return l;
    }

    std::optional<Layout> twoOutputs() const {
        if (outputs_.size() != 2)
            return std::nullopt;
        for (std::size_t i = 0; i < 2; i++) {
            const Tensor &boxes = outputs_[i], &scores = outputs_[1 - i];
            // Some Darknet converts say [1, n, 1, 4].
            const bool four = boxes.shape.size() == 4 && boxes.shape[2] == 1 && boxes.shape[3] == 4;
            const bool three = boxes.shape.size() == 3 && boxes.shape[2] == 4;
            if ((three || four) && scores.shape.size() == 3 && boxes.shape[0] == 1 &&
                scores.shape[0] == 1 && size(boxes, 1) == size(scores, 1) && size(scores, 2) > 0) {
                Layout l =
                    make(Kind::TwoOutputs, four ? "YOLOv4" : "YOLO-NAS", i, size(scores, 2), 4);
                l.scores = 1 - i;
                l.parts = areParts(centres(boxes.data, size(boxes, 1), 4, 1));
                return l;
            }
        }
        return std::nullopt;
    }

    /// Heads before their sigmoid, and nothing else: v7 exported without its grid.
    std::optional<Layout> heads() const {
        if (outputs_.size() < 2 || outputs_.size() > 3)
            return std::nullopt;
        for (const Tensor& t : outputs_)
            if (t.shape.size() != 5 || t.shape[0] != 1 || t.shape[1] != 3 || t.shape[4] < 6 ||
                t.shape[4] != outputs_[0].shape[4] || t.shape[2] < 1 || t.shape[3] < 1)
                return std::nullopt;
        const int channels = size(outputs_[0], 4);
        Layout l = make(Kind::Heads, "YOLOv5 or v7, raw", 0, channels - 5, channels);
        l.anchors = clues_.fileBytes > largestTiny ? v7Anchors : v5Anchors;
        return l;
    }

    /// The output with the candidates, [1, a, b]; v5 of old has its raw heads beside it, a
    /// segmentation its prototypes. Of several alike the last counts: v9 as its project exports it
    /// answers with the head that only helped to train it first.
    std::optional<std::size_t> candidates() const {
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < outputs_.size(); i++) {
            const auto& shape = outputs_[i].shape;
            if (shape.size() < 3)
                return std::nullopt;
            if (shape.size() > 3)
                continue;
            if (shape[0] != 1 || (found && outputs_[*found].shape != shape))
                return std::nullopt;
            found = i;
        }
        // Lists of one value a candidate come in numbers, too: they are not tables.
        if (found && outputs_[*found].shape[1] < 5 && outputs_[*found].shape[2] < 5)
            return std::nullopt;
        return found;
    }

    int cells(int largest) const { return gridCells(clues_.netWidth, clues_.netHeight, largest); }
    bool onGrid(int candidates, int perCell) const {
        return candidates == perCell * cells(32) || candidates == perCell * cells(64);
    }

    /// [1, 300, 6] could be one class with objectness, which then has a row for each cell.
    bool isEndToEnd(int a, int b) const {
        if (!open())
            return asked(LayoutChoice::EndToEnd) && b >= 6;
        if (onGrid(a, 1) || onGrid(a, 3))
            return false;
        if (clues_.endToEnd)
            return b >= 6 && a <= 1000;
        if (clues_.task == "obb")
            return b == 7 && a == transformerQueries;
        if (b == 6 || (masks_ && b == 6 + masks_))
            return a >= 6 && a <= 1000;
        return clues_.task == "pose" && a == 300 && b > 6 && (b - 6) % 3 == 0;
    }

    Layout endToEnd(std::size_t output, int channels) const {
        Layout l = make(Kind::EndToEnd, "YOLO end-to-end", output, 0, channels);
        l.duplicates = false;
        l.extras = 6;
        const int more = channels - 6;
        if (clues_.task == "obb" && more == 1) {
            l.oriented = true;
            l.centred = true;
        } else if (masks_ && more == masks_) {
            segmented(l);
        } else if (more > 0) {
            posed(l, more);
        }
        return l;
    }

    void segmented(Layout& l) const {
        l.masks = masks_;
        l.prototypes = prototypes_;
    }

    void posed(Layout& l, int values) const {
        l.keyPointValues = clues_.keyPointValues == 2 ? 2 : 3;
        l.keyPoints = values / l.keyPointValues;
        if (clues_.keyPoints > 0)
            l.keyPoints = std::min(l.keyPoints, clues_.keyPoints);
    }

    /// Whether an axis this long holds the channels of the classes that are known, or of COCO.
    bool areChannels(int length) const {
        const int known = clues_.classes ? clues_.classes : cocoClasses;
        const int more = length - 4 - masks_ - known;
        return more == 0 || more == 1 || (isPose(more) && known == 1);
    }

    /// Whether `more` channels beside the scores can be key points: x, y, visibility.
    static bool isPose(int more) { return more > 0 && more % 3 == 0; }

    /// How many of `rest` channels are class scores; says in `l` what the others are. `last` are
    /// the values of the last channel: the mean of its angle is half of a quarter turn, that of a
    /// class score next to nothing.
    int classesOf(int rest, Layout& l, double last) const {
        const int known = clues_.classes, more = rest - known;
        // A label file that is a line short of COCO's is likelier than 79 classes that turn.
        const bool angle =
            clues_.certain ? rest != cocoClasses || last > 0.1 : rest != cocoClasses && last > 0.1;
        const bool turned = known && more == 1 && !masks_ && clues_.task.empty() && angle;
        if (clues_.task == "obb" || turned) {
            l.oriented = true;
            l.extras = l.channels - 1;
            return rest - 1;
        }
        if (clues_.task == "pose" || (known == 1 && isPose(more) && !masks_)) {
            if (known <= 0 || more <= 0)
                return 0;
            l.extras = l.channels - more;
            posed(l, more);
            return known;
        }
        if (masks_) {
            segmented(l);
            l.extras = l.channels - masks_;
            return rest - masks_;
        }
        return rest;
    }

    std::optional<Layout> columns(std::size_t output, int channels, int count) const {
        if (count < 1 || channels < 5 || (!open() && !asked(LayoutChoice::V8)))
            return std::nullopt;
        const float* const data = outputs_[output].data;
        Layout l = make(Kind::Columns, "YOLOv8 type", output, 0, channels);
        const double last =
            meanOf(data + static_cast<std::ptrdiff_t>(channels - 1) * count, count, 1);
        l.classes = classesOf(channels - 4, l, last);
        l.parts = areParts(centres(data, count, 1, count));
        return l.classes > 0 ? std::optional(l) : std::nullopt;
    }

    /// Whether one of the values is objectness.
    bool hasObjectness(int count, int channels) const {
        if (!open())
            return asked(LayoutChoice::V5) || asked(LayoutChoice::Yolox);
        const int rest = channels - masks_;
        // A label file of 79 lines must not make 80 classes into 79 and objectness.
        if (clues_.classes && !clues_.certain && rest == 4 + cocoClasses)
            return onGrid(count, 3);
        if (clues_.classes && (rest == 5 + clues_.classes || rest == 4 + clues_.classes))
            return rest == 5 + clues_.classes;
        if (rest == 5 || (rest == 4 + cocoClasses && !onGrid(count, 3)))
            return false;
        return true;
    }

    std::optional<Layout> rows(std::size_t output, int count, int channels) const {
        if (count < 1 || channels < 5 || asked(LayoutChoice::EndToEnd) ||
            asked(LayoutChoice::Nas) || asked(LayoutChoice::V7EndToEnd) ||
            asked(LayoutChoice::V7Raw))
            return std::nullopt;
        const float* data = outputs_[output].data;
        const Centres found = centres(data, count, channels, 1);
        if (isTransformer(count, found))
            return transformer(output, channels);
        if (!hasObjectness(count, channels)) {
            Layout l = make(Kind::Rows, "YOLOv8 type", output, 0, channels);
            l.classes = classesOf(channels - 4, l, meanOf(data + channels - 1, count, channels));
            l.parts = areParts(found);
            return l.classes > 0 ? std::optional(l) : std::nullopt;
        }
        Layout l = make(Kind::Objectness, "YOLOv5 or v7", output, channels - 5 - masks_, channels);
        if (masks_) {
            segmented(l);
            l.extras = channels - masks_;
        }
        if (onGrid(count, 1) || asked(LayoutChoice::Yolox))
            oneToACell(l, data, count, found);
        else
            l.parts = areParts(found);
        return l.classes > 0 ? std::optional(l) : std::nullopt;
    }

    /// [1, 300, 4 + classes] in parts of the picture, one answer an object.
    bool isTransformer(int count, const Centres& found) const {
        if (!open())
            return asked(LayoutChoice::RtDetr);
        return count == transformerQueries && areParts(found) && !onGrid(count, 1) &&
               !onGrid(count, 3);
    }

    Layout transformer(std::size_t output, int channels) const {
        Layout l = make(Kind::Rows, "RT-DETR", output, channels - 4, channels);
        l.picture = stretchedPicture;
        l.parts = true;
        l.duplicates = false;
        return l;
    }

    /// YOLOX, in grid offsets or in pixels, or v6, whose objectness is a column of ones.
    void oneToACell(Layout& l, const float* data, int count, const Centres& found) const {
        if (asked(LayoutChoice::V5))
            return;
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
    int masks_ = 0;
    std::size_t prototypes_ = 0;
};

} // namespace

std::optional<Layout> likelyLayout(const std::vector<Tensor>& outputs, const Clues& clues) {
    return Finder(outputs, clues).find();
}

} // namespace yolo
