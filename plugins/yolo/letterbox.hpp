#pragma once

#include "base/frame.hpp"
#include "base/rect.hpp"
#include "kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace yolo {

enum class Placement {
    Centred, ///< whole picture, bars on two sides: Ultralytics, YOLOv5 to 7
    TopLeft, ///< whole picture, bars right or below: YOLOX
    Stretch, ///< fills the input, ratio not kept: Darknet
};

/// How a family of networks wants its picture.
struct Preprocessing {
    bool bgr = false; ///< blue first
    bool unit = true; ///< 0..1 rather than 0..255
    Placement placement = Placement::Centred;
};

/// Grey of the bars, of 255, in every family that has bars.
constexpr float padLevel = 114;

/// Where a picture lies in the network's input, in its pixels.
struct Fit {
    int left = 0, top = 0, width = 0, height = 0;
};

/// As the families place it themselves: Ultralytics rounds size and bars (`LetterBox` in
/// ultralytics/data/augment.py), YOLOX cuts the size (`preproc` in yolox/data/data_augment.py).
Fit fit(int frameWidth, int frameHeight, int netWidth, int netHeight, Placement placement);

/// A box in pixels of the input, as parts of the frame: the exact inverse of `fit`, not clamped.
base::Rect toFrame(const Fit& fit, double left, double top, double right, double bottom);

/// Brings frames of one geometry into a network's input: float32, three planes of netWidth x
/// netHeight, straight from the frame's planes, in one pass over the rows that are needed. Only the
/// pixels of the input are converted from YUV, never those of the frame.
///
/// Samples as OpenCV's INTER_LINEAR does (centres at half pixels, two taps also when it makes
/// smaller), since that is what the networks were trained and are compared with. Chroma is taken to
/// sit level with the left luma sample, as H.264 has it by default.
class Letterbox {
public:
    /// `like` gives format, size, matrix and range; its planes are not read.
    Letterbox(const base::Frame& like, int netWidth, int netHeight, const Preprocessing& wanted,
              const Kernels& kernels = bestKernels());

    bool suits(const base::Frame& frame) const;
    const Fit& place() const { return fit_; }
    std::size_t tensorSize() const;
    /// Paints the bars. They stay: once for a tensor is enough until the letterbox changes.
    void pad(float* tensor) const;
    /// Paints the picture between the bars.
    void draw(const base::Frame& frame, float* tensor);

private:
    /// One axis of one plane: for each pixel of the picture the first neighbour and the weights.
    struct Taps {
        std::vector<std::int32_t> index;
        std::vector<std::int32_t> weights;
    };
    /// One row of the picture: two rows of a plane and what the second weighs.
    struct Blend {
        std::int32_t row = 0, next = 0;
        int weight = 0;
    };
    using Row = std::vector<std::int16_t>;

    bool packedRgb() const;
    void drawYuvRow(const base::Frame& frame, int y, float* const out[3]);
    void drawRgbRow(const base::Frame& frame, int y, float* const out[3]);

    base::Frame like_;
    int netWidth_, netHeight_;
    Preprocessing wanted_;
    const Kernels& kernels_;
    Fit fit_;
    int step_ = 1;       ///< bytes to a pixel of packed RGB
    int chromaStep_ = 1; ///< samples from one U to the next
    int chromaWidth_ = 0;
    Taps lumaX_, chromaX_;
    std::vector<Blend> lumaY_, chromaY_;
    std::array<Row, 3> rows_;
    YuvToRgb matrix_;
};

} // namespace yolo
