#pragma once

#include "base/detection.hpp"
#include "decode.hpp"
#include "infer/engine.hpp"
#include "layout.hpp"
#include "letterbox.hpp"
#include "limits.hpp"

#include <memory>
#include <string>
#include <vector>

namespace yolo {

/// A loaded network that knows how it wants pictures, how its answers are read and what its classes
/// are called. One caller at a time, as its engine.
class Model {
public:
    /// Runs the network once on grey, to see its answer. `labels` may be empty: then the names come
    /// from the file itself, or are those of COCO where there are 80 classes. Throws base::Error:
    /// Unsupported for a network that is not understood, Settings for labels that do not fit it.
    Model(std::unique_ptr<infer::Engine> engine, std::vector<std::string> labels);

    /// Loads both files; `labels` may be empty.
    static std::unique_ptr<Model> open(const std::string& model, const std::string& labels,
                                       const infer::EngineOptions& options);

    int width() const { return width_; }   ///< of the input, pixels
    int height() const { return height_; } ///< of the input, pixels
    const Layout& layout() const { return layout_; }
    const std::vector<std::string>& names() const { return names_; }
    std::string engineName() const { return engine_->name(); }
    /// "YOLOX, 80 classes, input 416x416 BGR 0..255, picture at the top left, opencv 4.6.0"
    std::string about() const;

    /// What the picture in `tensor` (float32, three planes of width() x height()) shows, best
    /// first, boxes within the frame that `fit` placed there.
    std::vector<base::Detection> detect(const float* tensor, const Fit& fit, const Limits& limits);

private:
    Clues clues(const std::vector<std::string>& names) const;
    void nameClasses(std::vector<std::string> labels, std::vector<std::string> own);

    std::unique_ptr<infer::Engine> engine_;
    std::vector<std::int64_t> shape_;
    int width_ = 0, height_ = 0;
    Layout layout_;
    std::vector<std::string> names_;
};

} // namespace yolo
