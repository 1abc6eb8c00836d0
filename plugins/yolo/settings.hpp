#pragma once

#include "infer/engine.hpp"

#include <string>

namespace yolo {

enum class Mode {
    Sync, ///< each frame waits for its own detections
    Live, ///< no frame waits; it goes on with the latest there are
};

/// What the user sets. The member initialisers are the only defaults.
struct Settings {
    std::string model;  ///< file
    std::string labels; ///< file; empty: the network's own names
    double threshold = 0.25;
    double iouThreshold = 0.45;
    std::string classes; ///< names or numbers, with commas; empty: all
    infer::EngineChoice engine = infer::EngineChoice::Auto;
    unsigned threads = 0;           ///< 0: the engine's choice
    unsigned inferenceInterval = 1; ///< frames from one inference to the next
    Mode mode = Mode::Sync;
};

} // namespace yolo
