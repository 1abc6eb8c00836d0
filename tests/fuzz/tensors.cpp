#include "base/error.hpp"
#include "networks.hpp"
#include "yolo/decode.hpp"
#include "yolo/details.hpp"
#include "yolo/layout.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace fuzz {
namespace {

constexpr int netWidth = 64, netHeight = 32;

/// Takes numbers off the front of the input; 0 where it has ended.
class Source {
public:
    explicit Source(std::string_view bytes) : rest_(bytes) {}

    std::size_t byte(std::size_t below) {
        if (rest_.empty())
            return 0;
        const auto value = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return value % below;
    }

    std::int64_t size() {
        static constexpr std::int64_t usual[] = {1,  2,  3,  4,   5,   6,    7,  8,
                                                 9,  0,  20, 32,  37,  38,   42, 56,
                                                 84, 85, 96, 126, 300, 1000, 10, 40};
        return usual[byte(std::size(usual))];
    }

    float number() {
        constexpr float none = std::numeric_limits<float>::quiet_NaN();
        constexpr float endless = std::numeric_limits<float>::infinity();
        static constexpr float odd[] = {0.9f,   none,  endless, -endless, 3e38f, -3e38f,
                                        1e-40f, 65536, -1,      1,        0,     0.5f};
        const std::size_t kind = byte(256);
        return kind < std::size(odd) ? odd[kind] : static_cast<float>(kind) / 4;
    }

private:
    std::string_view rest_;
};

struct Answer {
    std::vector<std::vector<float>> numbers;
    std::vector<infer::Tensor> tensors;

    explicit Answer(Source& source) {
        static const char* const names[] = {"output0", "boxes", "classes", "flat_predictions"};
        const std::size_t count = source.byte(6);
        for (std::size_t i = 0; i < count; i++) {
            infer::Tensor t;
            t.name = names[source.byte(std::size(names))];
            const std::size_t rank = source.byte(6);
            std::size_t elements = 1;
            for (std::size_t d = 0; d < rank; d++) {
                t.shape.push_back(source.size());
                elements *= static_cast<std::size_t>(t.shape.back());
            }
            if (elements > 1 << 16)
                t.shape = {1, 84, 42}, elements = t.size();
            numbers.emplace_back(elements);
            const std::size_t own = source.byte(64); // and these few over and over
            for (std::size_t n = 0; n < elements; n++)
                numbers.back()[n] = n <= own ? source.number() : numbers.back()[n % (own + 1)];
            tensors.push_back(std::move(t));
        }
        for (std::size_t i = 0; i < count; i++)
            tensors[i].data = numbers[i].data();
    }
};

yolo::Clues cluesFrom(Source& source) {
    static const char* const tasks[] = {"", "detect", "segment", "pose", "obb", "rubbish"};
    yolo::Clues clues;
    clues.choice = static_cast<yolo::LayoutChoice>(source.byte(10));
    clues.task = tasks[source.byte(std::size(tasks))];
    clues.classes = static_cast<int>(source.byte(90));
    clues.keyPoints = static_cast<int>(source.byte(20));
    clues.keyPointValues = static_cast<int>(source.byte(5));
    const std::size_t flags = source.byte(8);
    clues.certain = flags & 1;
    clues.endToEnd = flags & 2;
    clues.darknet = flags & 4;
    clues.netWidth = netWidth;
    clues.netHeight = netHeight;
    return clues;
}

void expectMask(const base::Mask& mask) {
    if (mask.width < 1 || mask.height < 1 ||
        mask.cover.size() !=
            static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height))
        throw std::logic_error("a mask of another size than it says");
}

void look(const std::vector<infer::Tensor>& outputs, const yolo::Layout& layout) {
    constexpr float threshold = 0.25f;
    const yolo::Fit fit{0, 4, netWidth, netHeight - 8};
    const yolo::Details details(outputs, layout, netWidth, netHeight);
    std::vector<yolo::Found> found;
    for (const yolo::Candidate& c : yolo::decode(outputs, layout, netWidth, netHeight, threshold)) {
        const float area = (c.right - c.left) * (c.bottom - c.top);
        if (!std::isfinite(area) || !(c.score >= threshold) || !std::isfinite(c.score))
            throw std::logic_error("a candidate that is no box");
        if (c.classId < 0 || (layout.classes && c.classId >= layout.classes))
            throw std::logic_error("a class that the network has not");
        found.push_back({yolo::toFrame(fit, c.left, c.top, c.right, c.bottom), c.score, c.classId,
                         c.index, details.turned(c.index)});
    }
    for (const yolo::Found& f : yolo::suppress(std::move(found), 0.45, 64)) {
        base::Detection object;
        object.box = base::clampToFrame(f.box);
        if (!(object.box.area() > 0))
            continue;
        details.fill(object, f.index, fit);
        if (object.mask)
            expectMask(*object.mask);
    }
}

} // namespace

void readTensors(std::string_view bytes) {
    Source source(bytes);
    const yolo::Clues clues = cluesFrom(source);
    const Answer first(source);
    const yolo::Layout layout = yolo::findLayout(first.tensors, clues);
    if (layout.classes < 0 || layout.classes > 1 << 22 || layout.boxes >= first.tensors.size())
        throw std::logic_error("a layout that cannot be");
    layout.task();
    look(first.tensors, layout);
    // Later ones may have other sizes: a damaged network, or one that decides while it runs.
    look(Answer(source).tensors, layout);
}

} // namespace fuzz
