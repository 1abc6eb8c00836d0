#include "layout.hpp"

#include "base/error.hpp"
#include "layoutfinder.hpp"

namespace yolo {
namespace {

using infer::Tensor;
using Kind = Layout::Kind;

[[noreturn]] void refuse(const std::vector<Tensor>& outputs, const Clues& clues) {
    const std::string shapes = describe(outputs);
    if (clues.choice != LayoutChoice::Auto)
        throw base::Error(base::ErrorKind::Settings,
                          "The network's outputs have not the layout that is set: " + shapes +
                              ". Set layout=auto.");
    throw base::Error(
        base::ErrorKind::Unsupported,
        "The network's outputs are not those of a YOLO that is understood: " + shapes +
            ". Understood are YOLOX, YOLOv5 to 12, 26, YOLO-NAS and RT-DETR as their projects "
            "export them, and Darknet's [yolo] layers; export the network again without a changed "
            "head, or fetch one with models/fetch yolox-nano.");
}

/// Whether a layout that was found is the one that was asked for.
bool suits(const Layout& l, LayoutChoice choice) {
    switch (choice) {
    case LayoutChoice::Auto:
        return true;
    case LayoutChoice::V8:
        return l.kind == Kind::Columns || l.kind == Kind::Rows;
    case LayoutChoice::V5:
        return l.kind == Kind::Objectness;
    case LayoutChoice::Yolox:
        return l.kind == Kind::Grid || l.kind == Kind::Objectness;
    case LayoutChoice::V7Raw:
        return l.kind == Kind::Heads;
    case LayoutChoice::EndToEnd:
        return l.kind == Kind::EndToEnd;
    case LayoutChoice::V7EndToEnd:
        return l.kind == Kind::BatchRows;
    case LayoutChoice::Nas:
        return l.kind == Kind::TwoOutputs || l.kind == Kind::BatchRows || l.kind == Kind::Lists;
    case LayoutChoice::RtDetr:
        return l.kind == Kind::Rows;
    case LayoutChoice::Darknet:
        return l.kind == Kind::Darknet;
    }
    return false;
}

} // namespace

std::string Layout::task() const {
    return masks ? "segment" : keyPoints ? "pose" : oriented ? "obb" : "detect";
}

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
    const auto found = likelyLayout(outputs, clues);
    if (found && suits(*found, clues.choice))
        return *found;
    refuse(outputs, clues);
}

} // namespace yolo
