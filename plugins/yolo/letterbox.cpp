#include "letterbox.hpp"

#include <algorithm>
#include <cmath>

namespace yolo {
namespace {

using base::PixelFormat;

/// Positions of `count` pixels on an axis of `size` samples, given where pixel centres fall.
template <class Position>
std::pair<std::vector<int>, std::vector<double>> neighbours(int count, int size,
                                                            Position position) {
    std::pair<std::vector<int>, std::vector<double>> found;
    for (int i = 0; i < count; i++) {
        const double at = std::clamp(position(i), 0.0, size - 1.0);
        const int first = std::min(static_cast<int>(at), size - 1);
        found.first.push_back(first);
        found.second.push_back(at - first);
    }
    return found;
}

YuvToRgb yuvToRgb(base::ColorMatrix matrix, bool fullRange, float unit) {
    const double kr = matrix == base::ColorMatrix::Bt709 ? 0.2126 : 0.299;
    const double kb = matrix == base::ColorMatrix::Bt709 ? 0.0722 : 0.114;
    const double kg = 1 - kr - kb;
    const double luma = fullRange ? 1 : 255.0 / 219, chroma = fullRange ? 1 : 255.0 / 224;
    const double vToR = 2 * (1 - kr) * chroma, uToB = 2 * (1 - kb) * chroma;
    const double uToG = -uToB * kb / kg, vToG = -vToR * kr / kg;
    const double black = fullRange ? 0 : -16 * luma;
    YuvToRgb m;
    m.luma = static_cast<float>(luma);
    m.vToR = static_cast<float>(vToR);
    m.uToG = static_cast<float>(uToG);
    m.vToG = static_cast<float>(vToG);
    m.uToB = static_cast<float>(uToB);
    m.bias[0] = static_cast<float>(black - 128 * vToR) * unit;
    m.bias[1] = static_cast<float>(black - 128 * (uToG + vToG)) * unit;
    m.bias[2] = static_cast<float>(black - 128 * uToB) * unit;
    m.top = 255 * unit;
    return m;
}

float unitOf(const Preprocessing& wanted) { return wanted.unit ? 1.0f / 255 : 1.0f; }

constexpr float fromSample = 1.0f / (1 << (sampleBits + weightBits));

} // namespace

Fit fit(int frameWidth, int frameHeight, int netWidth, int netHeight, Placement placement) {
    if (placement == Placement::Stretch)
        return {0, 0, netWidth, netHeight};
    const double ratio = std::min(static_cast<double>(netWidth) / frameWidth,
                                  static_cast<double>(netHeight) / frameHeight);
    const auto scaled = [&](int size, int limit) {
        // A hair, so that 1080 * (640.0 / 1080) is not cut to 639.
        const double exact = size * ratio;
        const double whole =
            placement == Placement::TopLeft ? std::floor(exact + 1e-6) : std::nearbyint(exact);
        return std::clamp(static_cast<int>(whole), 1, limit);
    };
    Fit f{0, 0, scaled(frameWidth, netWidth), scaled(frameHeight, netHeight)};
    if (placement == Placement::Centred) {
        f.left = (netWidth - f.width) / 2;
        f.top = (netHeight - f.height) / 2;
    }
    return f;
}

base::Rect toFrame(const Fit& fit, double left, double top, double right, double bottom) {
    return {(left - fit.left) / fit.width, (top - fit.top) / fit.height, (right - left) / fit.width,
            (bottom - top) / fit.height};
}

Letterbox::Letterbox(const base::Frame& like, int netWidth, int netHeight,
                     const Preprocessing& wanted, const Kernels& kernels)
    : like_(like), netWidth_(netWidth), netHeight_(netHeight), wanted_(wanted), kernels_(kernels),
      fit_(fit(like.width, like.height, netWidth, netHeight, wanted.placement)) {
    if (like.format == PixelFormat::BGRx || like.format == PixelFormat::RGBx)
        step_ = 4;
    else if (packedRgb())
        step_ = 3;
    const double scaleX = static_cast<double>(like.width) / fit_.width;
    const double scaleY = static_cast<double>(like.height) / fit_.height;
    const auto lumaX = [=](int i) { return (i + 0.5) * scaleX - 0.5; };
    const auto lumaY = [=](int i) { return (i + 0.5) * scaleY - 0.5; };
    const auto taps = [&](int size, int step, auto position) {
        const auto [first, part] = neighbours(fit_.width, size, position);
        Taps t;
        for (std::size_t i = 0; i < first.size(); i++) {
            t.index.push_back(first[i] * step);
            t.weights.push_back(packWeights(part[i]));
        }
        return t;
    };
    const auto blends = [&](int size, auto position) {
        const auto [first, part] = neighbours(fit_.height, size, position);
        std::vector<Blend> rows;
        for (std::size_t i = 0; i < first.size(); i++)
            rows.push_back({first[i], std::min(first[i] + 1, size - 1),
                            std::min(static_cast<int>(std::lround(part[i] * 32768)), 32767)});
        return rows;
    };
    lumaX_ = taps(like.width, step_, lumaX);
    lumaY_ = blends(like.height, lumaY);
    rows_[0].assign(static_cast<std::size_t>(like.width) * step_ + rowSlack, 0);
    if (packedRgb())
        return;
    chromaWidth_ = (like.width + 1) / 2;
    chromaStep_ = like.format == PixelFormat::YUY2 ? 2 : 1;
    chromaX_ = taps(chromaWidth_, chromaStep_, [=](int i) { return lumaX(i) / 2; });
    chromaY_ = like.format == PixelFormat::YUY2
                   ? lumaY_
                   : blends((like.height + 1) / 2, [=](int i) { return lumaY(i) / 2 - 0.25; });
    for (Row& row : rows_)
        row.assign(static_cast<std::size_t>(chromaWidth_) * 2 + rowSlack, 0);
    matrix_ = yuvToRgb(like.matrix, like.fullRange, unitOf(wanted));
}

bool Letterbox::packedRgb() const {
    switch (like_.format) {
    case PixelFormat::I420:
    case PixelFormat::NV12:
    case PixelFormat::YUY2:
        return false;
    case PixelFormat::BGR:
    case PixelFormat::RGB:
    case PixelFormat::BGRx:
    case PixelFormat::RGBx:
        break;
    }
    return true;
}

bool Letterbox::suits(const base::Frame& frame) const {
    return frame.format == like_.format && frame.width == like_.width &&
           frame.height == like_.height && frame.matrix == like_.matrix &&
           frame.fullRange == like_.fullRange;
}

std::size_t Letterbox::tensorSize() const {
    return std::size_t{3} * static_cast<std::size_t>(netWidth_) *
           static_cast<std::size_t>(netHeight_);
}

void Letterbox::pad(float* tensor) const {
    std::fill_n(tensor, tensorSize(), padLevel * unitOf(wanted_));
}

void Letterbox::draw(const base::Frame& frame, float* tensor) {
    const std::size_t plane =
        static_cast<std::size_t>(netWidth_) * static_cast<std::size_t>(netHeight_);
    for (int y = 0; y < fit_.height; y++) {
        float* const first =
            tensor + static_cast<std::size_t>(fit_.top + y) * static_cast<std::size_t>(netWidth_) +
            fit_.left;
        float* const planes[3] = {first, first + plane, first + 2 * plane};
        // To red, green, blue, wherever the network has them.
        float* const rgb[3] = {planes[wanted_.bgr ? 2 : 0], planes[1], planes[wanted_.bgr ? 0 : 2]};
        if (packedRgb())
            drawRgbRow(frame, y, rgb);
        else
            drawYuvRow(frame, y, rgb);
    }
}

void Letterbox::drawRgbRow(const base::Frame& frame, int y, float* const rgb[3]) {
    const Blend& blend = lumaY_[y];
    const std::uint8_t* pixels = frame.planes[0];
    kernels_.blend(pixels + blend.row * frame.strides[0], pixels + blend.next * frame.strides[0],
                   blend.weight, rows_[0].data(), frame.width * step_);
    const bool blueFirst = frame.format == PixelFormat::BGR || frame.format == PixelFormat::BGRx;
    float* const out[3] = {rgb[blueFirst ? 2 : 0], rgb[1], rgb[blueFirst ? 0 : 2]};
    kernels_.sampleTriples(rows_[0].data(), step_, lumaX_.index.data(), lumaX_.weights.data(),
                           fromSample * unitOf(wanted_), out, fit_.width);
}

void Letterbox::drawYuvRow(const base::Frame& frame, int y, float* const rgb[3]) {
    const auto line = [&](int plane, int row) {
        return frame.planes[plane] + row * frame.strides[plane];
    };
    const Blend &luma = lumaY_[y], &chroma = chromaY_[y];
    std::int16_t *lumaRow = rows_[0].data(), *uRow = rows_[1].data(), *vRow = rows_[2].data();
    if (frame.format == PixelFormat::YUY2) {
        // Y U Y V: pairs of luma and chroma, so that U and V are every other sample of one row.
        kernels_.blendPairs(line(0, luma.row), line(0, luma.next), luma.weight, lumaRow, uRow,
                            2 * chromaWidth_);
        vRow = uRow + 1;
    } else {
        kernels_.blend(line(0, luma.row), line(0, luma.next), luma.weight, lumaRow, frame.width);
        if (frame.format == PixelFormat::NV12) {
            kernels_.blendPairs(line(1, chroma.row), line(1, chroma.next), chroma.weight, uRow,
                                vRow, chromaWidth_);
        } else {
            kernels_.blend(line(1, chroma.row), line(1, chroma.next), chroma.weight, uRow,
                           chromaWidth_);
            kernels_.blend(line(2, chroma.row), line(2, chroma.next), chroma.weight, vRow,
                           chromaWidth_);
        }
    }
    const float gain = fromSample * unitOf(wanted_);
    kernels_.sample(lumaRow, 1, lumaX_.index.data(), lumaX_.weights.data(), gain, rgb[0],
                    fit_.width);
    kernels_.sample(uRow, chromaStep_, chromaX_.index.data(), chromaX_.weights.data(), gain, rgb[1],
                    fit_.width);
    kernels_.sample(vRow, chromaStep_, chromaX_.index.data(), chromaX_.weights.data(), gain, rgb[2],
                    fit_.width);
    kernels_.toRgb(rgb, matrix_, fit_.width);
}

} // namespace yolo
