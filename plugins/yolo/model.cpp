#include "model.hpp"

#include "base/error.hpp"
#include "infer/labels.hpp"
#include "infer/modelfile.hpp"
#include "names.hpp"

namespace yolo {
namespace {

using base::Error;
using base::ErrorKind;

std::string value(const infer::ModelInfo& info, const char* key) {
    const auto found = info.metadata.find(key);
    return found == info.metadata.end() ? std::string() : found->second;
}

/// The shape to run with. Throws when the network wants something else than one colour picture.
std::vector<std::int64_t> pictureShape(const infer::ModelInfo& info) {
    const auto shape = infer::provingShape(info);
    if (shape.size() != 4 || shape[1] != 3)
        throw Error(
            ErrorKind::Unsupported,
            "The network does not take a colour picture (its input should be 1 x 3 x height "
            "x width); fetch one that does with models/fetch yolox-nano.");
    if (shape[0] != 1)
        throw Error(ErrorKind::Unsupported, "The network was exported for " +
                                                std::to_string(shape[0]) +
                                                " pictures at a time; export it with batch=1.");
    return shape;
}

const char* placed(Placement placement) {
    switch (placement) {
    case Placement::Centred:
        return "picture in the middle";
    case Placement::TopLeft:
        return "picture at the top left";
    case Placement::Stretch:
        return "picture stretched";
    }
    return "";
}

} // namespace

Model::Model(std::unique_ptr<infer::Engine> engine, std::vector<std::string> labels)
    : engine_(std::move(engine)), shape_(pictureShape(engine_->model())),
      width_(static_cast<int>(shape_[3])), height_(static_cast<int>(shape_[2])) {
    std::vector<std::string> own = infer::parseNames(value(engine_->model(), "names"));
    const std::vector<float> grey(std::size_t{3} * static_cast<std::size_t>(shape_[2] * shape_[3]),
                                  padLevel / 255);
    layout_ = findLayout(engine_->run(grey.data(), shape_), clues(own.empty() ? labels : own));
    nameClasses(std::move(labels), std::move(own));
}

std::unique_ptr<Model> Model::open(const std::string& model, const std::string& labels,
                                   const infer::EngineOptions& options) {
    if (model.empty())
        throw Error(ErrorKind::Settings,
                    "No network is given: set model to an .onnx or Darknet file. models/fetch "
                    "yolox-nano brings one that knows 80 kinds of things.");
    // The labels first: a slip in their name should not cost the seconds of loading a network.
    std::vector<std::string> names;
    if (!labels.empty())
        names = infer::readLabels(labels);
    return std::make_unique<Model>(infer::load(model, options), std::move(names));
}

Clues Model::clues(const std::vector<std::string>& names) const {
    const infer::ModelInfo& info = engine_->model();
    Clues c;
    c.classes = static_cast<int>(names.size());
    c.task = value(info, "task");
    c.endToEnd = value(info, "end2end") == "True";
    c.darknet = info.format == infer::ModelFormat::Darknet;
    c.netWidth = width_;
    c.netHeight = height_;
    return c;
}

void Model::nameClasses(std::vector<std::string> labels, std::vector<std::string> own) {
    const int classes = layout_.classes ? layout_.classes : static_cast<int>(own.size());
    if (!labels.empty() && classes && static_cast<int>(labels.size()) != classes)
        throw Error(ErrorKind::Settings, "The label file has " + std::to_string(labels.size()) +
                                             " names and the network " + std::to_string(classes) +
                                             " classes: give one line for each class, in the "
                                             "network's order, or leave labels unset.");
    if (!labels.empty())
        names_ = std::move(labels);
    else if (!own.empty())
        names_ = std::move(own);
    else if (layout_.classes == static_cast<int>(cocoNames().size()))
        names_ = cocoNames();
}

std::string Model::about() const {
    const std::size_t classes =
        layout_.classes ? static_cast<std::size_t>(layout_.classes) : names_.size();
    return layout_.family + ", " + (classes ? std::to_string(classes) : "unnamed") +
           " classes, input " + std::to_string(width_) + "x" + std::to_string(height_) +
           (layout_.picture.bgr ? " BGR " : " RGB ") +
           (layout_.picture.unit ? "0..1, " : "0..255, ") + placed(layout_.picture.placement) +
           (layout_.extra.empty() ? "" : ", " + layout_.extra + " not read") + ", " + engineName();
}

std::vector<base::Detection> Model::detect(const float* tensor, const Fit& fit,
                                           const Limits& limits) {
    const auto outputs = engine_->run(tensor, shape_);
    std::vector<Found> found;
    for (const Candidate& c : decode(outputs, layout_, width_, height_, limits.least()))
        if (limits.take(c.classId, c.score))
            found.push_back({toFrame(fit, c.left, c.top, c.right, c.bottom), c.score, c.classId});
    // Networks without duplicates may still show two of a class close together, and mean it.
    found = suppress(std::move(found), layout_.hasDuplicates() ? limits.iouThreshold : 1.0);
    std::vector<base::Detection> detections;
    for (const Found& f : found) {
        const base::Rect box = base::clampToFrame(f.box);
        if (box.area() > 0 && detections.size() < limits.most)
            detections.push_back({box, f.score, f.classId, nameOf(names_, f.classId), 0});
    }
    return detections;
}

} // namespace yolo
