#pragma once

#include "base/detection.hpp"
#include "decode.hpp"
#include "infer/engine.hpp"
#include "layout.hpp"
#include "letterbox.hpp"
#include "limits.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace yolo {

/// What the user knows better than the file says; the defaults leave it to the file.
struct ModelSettings {
    std::string model;  ///< file
    std::string labels; ///< file; empty: the network's own names
    infer::EngineOptions engine;
    LayoutChoice layout = LayoutChoice::Auto;
};

/// A loaded network that knows how it wants pictures, how its answers are read and what its classes
/// are called. One caller at a time, as its engine.
class Model {
public:
    /// Runs the network once on grey, to see its answer. `labels` may be empty: then the names come
    /// from the file itself, or are those of COCO where there are 80 classes. Throws base::Error:
    /// Unsupported for a network that is not understood, Settings for a layout that it has not.
    Model(std::unique_ptr<infer::Engine> engine, std::vector<std::string> labels,
          LayoutChoice layout = LayoutChoice::Auto);

    /// Loads both files.
    static std::unique_ptr<Model> open(const ModelSettings& settings);

    int width() const { return width_; }   ///< of the input, pixels
    int height() const { return height_; } ///< of the input, pixels
    const Layout& layout() const { return layout_; }
    const std::vector<std::string>& names() const { return names_; }
    std::string engineName() const { return engine_->name(); }
    std::string device() const { return engine_->device(); } ///< that it runs on
    int classes() const;                                     ///< 0: not known
    int stride() const;                                      ///< of the coarsest grid, pixels
    /// What the user should hear of once: labels that are not as many as the classes.
    const std::string& warning() const { return warning_; }
    const infer::ModelInfo& file() const { return engine_->model(); }
    /// "YOLOX, 80 classes, input 416x416 BGR 0..255, picture at the top left, opencv 4.6.0"
    std::string about() const;

    /// A picture to look at: float32, three planes of width() x height(), in which `fit` placed a
    /// frame, and which of the findings count.
    struct Look {
        const float* tensor;
        const Fit& fit;
        const Limits& limits;
    };
    /// What each picture shows, best first, boxes within its frame. As many are computed at once as
    /// batch() allows.
    std::vector<std::vector<base::Detection>> detect(const std::vector<Look>& looks);
    std::vector<base::Detection> detect(const float* tensor, const Fit& fit, const Limits& limits);

    /// Pictures that the network may compute at once, 1 to begin with.
    std::size_t batch() const { return batch_; }
    /// Allows `pictures` where the network takes several and answers the same for each as alone,
    /// which a trial shows; false where it does not, and nothing has changed.
    bool allowBatch(std::size_t pictures);

private:
    Clues clues(const std::vector<std::string>& own, std::size_t labels) const;
    void nameClasses(std::vector<std::string> labels, std::vector<std::string> own);
    std::vector<std::vector<infer::Tensor>> runTogether(const float* data, std::size_t pictures);
    bool answersAsAlone();
    std::vector<base::Detection> read(const std::vector<infer::Tensor>& outputs, const Look& look);

    std::unique_ptr<infer::Engine> engine_;
    std::vector<std::int64_t> shape_;
    int width_ = 0, height_ = 0;
    Layout layout_;
    std::vector<std::string> names_;
    std::string warning_;
    std::atomic<std::size_t> batch_{1}; ///< asked for from any thread
    std::vector<float> together_;       ///< pictures one behind the other
};

} // namespace yolo
