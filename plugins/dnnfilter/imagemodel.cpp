#include "dnnfilter/imagemodel.hpp"

#include "base/error.hpp"
#include "infer/modelfile.hpp"

#include <algorithm>
#include <cmath>

namespace dnnfilter {

namespace {

using base::Error;
using base::ErrorKind;

std::string textOf(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t side : shape)
        text += (text.empty() ? "" : "x") + (side < 0 ? "?" : std::to_string(side));
    return text;
}

std::vector<std::int64_t> pictureShape(const infer::ModelInfo& info) {
    const auto shape = infer::provingShape(info);
    if (shape.size() != 4 || shape[0] != 1 || shape[1] != 3)
        throw Error(ErrorKind::Unsupported,
                    "The network takes " + textOf(info.input.shape) +
                        " numbers, which is no colour picture (1x3xHEIGHTxWIDTH); set model to a "
                        "network that makes a picture of a picture.");
    return shape;
}

void checkAnswer(const std::vector<infer::Tensor>& outputs,
                 const std::vector<std::int64_t>& shape) {
    if (outputs.size() == 1 && outputs.front().shape == shape)
        return;
    std::string answer;
    for (const infer::Tensor& output : outputs)
        answer += (answer.empty() ? "" : ", ") + textOf(output.shape);
    throw Error(ErrorKind::Unsupported,
                "The network answers " + answer + " to a picture of " + textOf(shape) +
                    ", and not with a picture of that size; set model to a network that does.");
}

/// Of a number n of 0..255: gain * n + offset.
struct Scale {
    float gain, offset;
};

Scale scaleOf(Range range) {
    switch (range) {
    case Range::Unit:
        return {1.0F / 255, 0};
    case Range::Signed:
        return {2.0F / 255, -1};
    case Range::Byte:
    case Range::Auto:
        break;
    }
    return {1, 0};
}

const char* nameOf(Range range) {
    switch (range) {
    case Range::Unit:
        return "0..1";
    case Range::Signed:
        return "-1..1";
    case Range::Byte:
    case Range::Auto:
        break;
    }
    return "0..255";
}

} // namespace

std::unique_ptr<ImageModel> ImageModel::open(const ModelSettings& settings) {
    if (settings.model.empty())
        throw Error(ErrorKind::Settings,
                    "No network is given: set model to an .onnx file that makes a picture of a "
                    "picture.");
    infer::EngineOptions options;
    options.engine = settings.engine;
    options.threads = static_cast<int>(settings.threads);
    options.device = infer::Device::parse(settings.device);
    try {
        options.width = options.height = settings.tileSize;
        return std::make_unique<ImageModel>(infer::load(settings.model, options), settings.range,
                                            settings.channels);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Settings)
            throw;
    }
    options.width = options.height = 0; // it has one size only
    return std::make_unique<ImageModel>(infer::load(settings.model, options), settings.range,
                                        settings.channels);
}

ImageModel::ImageModel(std::unique_ptr<infer::Engine> engine, Range range, Channels channels)
    : engine_(std::move(engine)), shape_(pictureShape(engine_->model())),
      width_(static_cast<int>(shape_[3])), height_(static_cast<int>(shape_[2])),
      channels_(channels), input_(3 * plane()) {
    range_ = range == Range::Auto ? tryRanges() : range;
    if (range != Range::Auto) {
        std::fill(input_.begin(), input_.end(), 0.0F);
        infer(range_);
    }
}

std::size_t ImageModel::plane() const {
    return static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_);
}

/// Shown numbers of 0..255, a network of another range cuts them off or answers in its own.
Range ImageModel::tryRanges() {
    for (std::size_t i = 0; i < input_.size(); i++) // all levels, in every channel
        input_[i] = static_cast<float>(i * 7 % 256);
    const float* answer = infer(Range::Byte);
    float low = 0, high = 0;
    for (std::size_t i = 0; i < input_.size(); i++) {
        if (!std::isfinite(answer[i]))
            continue;
        low = std::min(low, answer[i]);
        high = std::max(high, answer[i]);
    }
    constexpr float most = 8; // no picture of 0..255 is as dark, none of -1..1 goes as far
    if (high > most || low < -most)
        return Range::Byte;
    return low < -0.5F ? Range::Signed : Range::Unit;
}

std::string ImageModel::about() const {
    return std::to_string(width_) + "x" + std::to_string(height_) +
           (channels_ == Channels::Rgb ? " RGB " : " BGR ") + nameOf(range_) + ", " +
           engine_->name() + " on " + engine_->device();
}

/// What is in input_, by that range.
const float* ImageModel::infer(Range range) {
    const Scale scale = scaleOf(range);
    if (range != Range::Byte)
        for (float& value : input_)
            value = value * scale.gain + scale.offset;
    const std::vector<infer::Tensor> outputs = engine_->run(input_.data(), shape_);
    checkAnswer(outputs, shape_);
    return outputs.front().data;
}

void ImageModel::run(float* planes) {
    const std::size_t n = plane();
    const std::size_t red = channels_ == Channels::Rgb ? 0 : 2 * n;
    const std::size_t places[3] = {red, n, 2 * n - red};
    for (std::size_t c = 0; c < 3; c++)
        std::copy_n(planes + c * n, n, input_.begin() + static_cast<std::ptrdiff_t>(places[c]));
    const float* answer = infer(range_);
    const Scale scale = scaleOf(range_);
    for (std::size_t c = 0; c < 3; c++)
        for (std::size_t i = 0; i < n; i++) {
            const float value = (answer[places[c] + i] - scale.offset) / scale.gain;
            planes[c * n + i] = value > 0 ? std::min(value, 255.0F) : 0; // also for no number
        }
}

} // namespace dnnfilter
