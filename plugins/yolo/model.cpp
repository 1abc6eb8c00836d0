#include "model.hpp"

#include "base/error.hpp"
#include "details.hpp"
#include "infer/labels.hpp"
#include "infer/modelfile.hpp"
#include "names.hpp"

#include <algorithm>

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

/// The numbers in a list as Python writes it: "[17, 3]".
std::vector<int> numbers(const std::string& text) {
    std::vector<int> found;
    int digits = 0, number = 0;
    for (const char c : text + ",") {
        if (c >= '0' && c <= '9' && digits < 6) {
            number = number * 10 + (c - '0');
            digits++;
        } else if (digits > 0) {
            found.push_back(number);
            digits = number = 0;
        }
    }
    return found;
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

Model::Model(std::unique_ptr<infer::Engine> engine, std::vector<std::string> labels,
             LayoutChoice layout)
    : engine_(std::move(engine)), shape_(pictureShape(engine_->model())),
      width_(static_cast<int>(shape_[3])), height_(static_cast<int>(shape_[2])) {
    std::vector<std::string> own = infer::parseNames(value(engine_->model(), "names"));
    const std::vector<float> grey(std::size_t{3} * static_cast<std::size_t>(shape_[2] * shape_[3]),
                                  padLevel / 255);
    Clues known = clues(own, labels.size());
    known.choice = layout;
    layout_ = findLayout(engine_->run(grey.data(), shape_), known);
    nameClasses(std::move(labels), std::move(own));
}

std::unique_ptr<Model> Model::open(const ModelSettings& settings) {
    if (settings.model.empty())
        throw Error(ErrorKind::Settings,
                    "No network is given: set model to an .onnx or Darknet file. models/fetch "
                    "yolox-nano brings one that knows 80 kinds of things.");
    // The labels first: a slip in their name should not cost the seconds of loading a network.
    std::vector<std::string> names;
    if (!settings.labels.empty())
        names = infer::readLabels(settings.labels);
    return std::make_unique<Model>(infer::load(settings.model, settings.engine), std::move(names),
                                   settings.layout);
}

Clues Model::clues(const std::vector<std::string>& own, std::size_t labels) const {
    const infer::ModelInfo& info = engine_->model();
    Clues c;
    c.certain = !own.empty();
    c.classes = static_cast<int>(c.certain ? own.size() : labels);
    c.task = value(info, "task");
    const std::vector<int> points = numbers(value(info, "kpt_shape")); // "[17, 3]"
    c.keyPoints = !points.empty() ? points[0] : 0;
    c.keyPointValues = points.size() > 1 ? points[1] : 3;
    c.endToEnd = value(info, "end2end") == "True";
    c.darknet = info.format == infer::ModelFormat::Darknet;
    c.fileBytes = info.bytes;
    c.netWidth = width_;
    c.netHeight = height_;
    return c;
}

void Model::nameClasses(std::vector<std::string> labels, std::vector<std::string> own) {
    const std::size_t classes =
        layout_.classes ? static_cast<std::size_t>(layout_.classes) : own.size();
    if (!labels.empty() && classes && labels.size() != classes) {
        const bool fewer = labels.size() < classes;
        warning_ =
            "The label file has " + std::to_string(labels.size()) + " names and the network " +
            std::to_string(classes) + " classes: " +
            (fewer ? "those without a name are called " + nameOf({}, int(labels.size())) +
                         (labels.size() + 1 < classes ? " and so on" : std::string())
                   : "the last " + std::to_string(labels.size() - classes) + " are not used") +
            ". Give one line for each class, in the network's order.";
        labels.resize(classes);
    }
    if (!labels.empty())
        names_ = std::move(labels);
    else if (!own.empty())
        names_ = std::move(own);
    else if (layout_.classes == static_cast<int>(cocoNames().size()))
        names_ = cocoNames();
    for (std::size_t i = 0; i < names_.size(); i++)
        names_[i] = nameOf(names_, static_cast<int>(i));
}

int Model::classes() const {
    return layout_.classes ? layout_.classes : static_cast<int>(names_.size());
}

int Model::stride() const {
    const std::vector<int> said = numbers(value(engine_->model(), "stride"));
    return !said.empty() && said[0] > 0 ? said[0] : 32;
}

std::string Model::about() const {
    std::string task;
    if (layout_.masks)
        task = ", masks";
    if (layout_.keyPoints)
        task = ", " + std::to_string(layout_.keyPoints) + " key points";
    if (layout_.oriented)
        task = ", turned boxes";
    return layout_.family + ", " + (classes() ? std::to_string(classes()) : "unnamed") +
           " classes" + task + ", input " + std::to_string(width_) + "x" + std::to_string(height_) +
           (layout_.picture.bgr ? " BGR " : " RGB ") +
           (layout_.picture.unit ? "0..1, " : "0..255, ") + placed(layout_.picture.placement) +
           ", " + engineName() + (device() == "cpu" ? "" : " on " + device());
}

std::vector<base::Detection> Model::read(const std::vector<infer::Tensor>& outputs,
                                         const Look& look) {
    const Fit& fit = look.fit;
    const Limits& limits = look.limits;
    const Details details(outputs, layout_, width_, height_);
    std::vector<Found> found;
    for (const Candidate& c : decode(outputs, layout_, width_, height_, limits.least()))
        if (limits.take(c.classId, c.score))
            found.push_back({toFrame(fit, c.left, c.top, c.right, c.bottom), c.score, c.classId,
                             c.index, details.turned(c.index)});
    // Networks without duplicates may still show two of a class close together, and mean it.
    found = suppress(std::move(found), layout_.duplicates ? limits.iouThreshold : 1.0);
    std::vector<base::Detection> detections;
    for (const Found& f : found) {
        if (detections.size() == limits.most)
            break;
        base::Detection d;
        d.box = base::clampToFrame(f.box);
        d.score = std::min(f.score, 1.0f); // int8 rounds past it, and a stranger's may say more
        d.classId = f.classId;
        d.label = nameOf(names_, f.classId);
        if (!(d.box.area() > 0))
            continue;
        details.fill(d, f.index, fit);
        detections.push_back(std::move(d));
    }
    return detections;
}

} // namespace yolo
