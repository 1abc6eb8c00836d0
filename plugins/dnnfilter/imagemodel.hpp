#pragma once

#include "infer/engine.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace dnnfilter {

/// What stands for black and white in the network's numbers.
enum class Range {
    Auto,   ///< found out by trying
    Byte,   ///< 0 to 255
    Unit,   ///< 0 to 1
    Signed, ///< -1 to 1
};

enum class Channels { Rgb, Bgr };

struct ModelSettings {
    std::string model; ///< file
    Range range = Range::Auto;
    Channels channels = Channels::Rgb;
    int tileSize = 512; ///< pixels, of networks that take any size
    infer::EngineChoice engine = infer::EngineChoice::Auto;
    std::string device = "cpu";
    unsigned threads = 0; ///< 0: the engine's choice
};

/// A network that makes a colour picture of a colour picture of the same size. One caller at a
/// time.
class ImageModel {
public:
    /// Loads the file and tries it. Throws base::Error with what to do for a network that is
    /// something else.
    static std::unique_ptr<ImageModel> open(const ModelSettings& settings);
    ImageModel(std::unique_ptr<infer::Engine> engine, Range range, Channels channels);

    int width() const { return width_; }   ///< of the pictures that it takes, pixels
    int height() const { return height_; } ///< likewise
    Range range() const { return range_; }
    /// "256x256 RGB 0..255, onnxruntime 1.30.0 on cpu"
    std::string about() const;

    /// Three planes of width() x height(), red first, 0 to 255, become the network's answer. What
    /// lies out of range is cut, what is no number black.
    void run(float* planes);

private:
    std::size_t plane() const;
    const float* infer(Range range);
    Range tryRanges();

    std::unique_ptr<infer::Engine> engine_;
    std::vector<std::int64_t> shape_;
    int width_ = 0, height_ = 0;
    Channels channels_;
    Range range_ = Range::Byte;
    std::vector<float> input_;
};

} // namespace dnnfilter
