#pragma once

#include "infer/engine.hpp"
#include "layout.hpp"

#include <string>
#include <utility>

namespace yolo {

enum class Mode {
    Sync, ///< each frame waits for its own detections
    Live, ///< no frame waits; it goes on with the latest there are
};

enum class Where {
    FullFrame, ///< the frame, or the part of it that `roi` names
    RoiList,   ///< each object that a detector before this one found
};

/// What the user sets. The member initialisers are the only defaults.
struct Settings {
    std::string model;           ///< file
    std::string labels;          ///< file; empty: the network's own names
    std::string modelInstanceId; ///< elements with the same one share a network; empty: none does
    double threshold = 0.25;
    std::string thresholds; ///< "person=0.6,car=0.3": classes with one of their own
    double iouThreshold = 0.45;
    std::string classes;          ///< names or numbers, with commas; empty: all
    unsigned maxDetections = 300; ///< as COCO is measured, and more than a viewer reads
    LayoutChoice layout = LayoutChoice::Auto;
    std::string inputSize; ///< "640" or "640x384", pixels; empty: as the file says
    infer::EngineChoice engine = infer::EngineChoice::Auto;
    std::string device = "cpu"; ///< infer::Device
    unsigned threads = 0;       ///< 0: the engine's choice
    unsigned batchSize = 1;     ///< most pictures that are computed at once
    Where where = Where::FullFrame;
    std::string roi;                ///< "x,y,width,height" in parts of the frame; empty: all of it
    std::string objectClass;        ///< names, with commas, of the objects looked into; empty: all
    unsigned inferenceInterval = 1; ///< frames from one inference to the next
    double maxFps = 0;              ///< most inferences in a second; 0: no limit
    double motionGate = 0; ///< part of the picture that has to change for an inference; 0: none
    Mode mode = Mode::Sync;

    /// Whether these ask for the network that `other` asks for.
    bool sameNetwork(const Settings& other) const {
        return model == other.model && labels == other.labels &&
               modelInstanceId == other.modelInstanceId && layout == other.layout &&
               inputSize == other.inputSize && engine == other.engine && device == other.device &&
               threads == other.threads;
    }
};

/// Width and height of "640" or "640x384", zeros for nothing. Throws base::Error Settings for
/// anything else, and for sides under 32 or past 4096.
std::pair<int, int> parseSize(const std::string& text);

} // namespace yolo
