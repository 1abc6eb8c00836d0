// The part of Model that looks at several pictures at once.
#include "base/error.hpp"
#include "model.hpp"

#include <algorithm>
#include <cmath>

namespace yolo {
namespace {

/// Of an answer: more than another order of additions makes, and less than a picture in the wrong
/// place of the batch.
constexpr double sameAnswer = 1e-3;

bool alike(const infer::Tensor& tensor, const std::vector<float>& alone) {
    if (tensor.size() != alone.size())
        return false;
    for (std::size_t i = 0; i < alone.size(); i++)
        if (!(std::fabs(tensor.data[i] - alone[i]) <=
              sameAnswer * std::max(1.0f, std::fabs(alone[i]))))
            return false;
    return true;
}

/// Waves: each picture of a trial shows something else.
std::vector<float> waves(std::size_t width, std::size_t height, double top, double length) {
    std::vector<float> picture(3 * width * height);
    for (std::size_t i = 0; i < picture.size(); i++) {
        const std::size_t row = i / width, column = i % width;
        const auto x = static_cast<double>(column), y = static_cast<double>(row);
        picture[i] = static_cast<float>(
            top * (0.5 + 0.3 * std::sin(x / length) + 0.2 * std::sin(y / length / 2)));
    }
    return picture;
}

} // namespace

std::vector<std::vector<infer::Tensor>> Model::runTogether(const float* data,
                                                           std::size_t pictures) {
    auto shape = shape_;
    shape[0] = static_cast<std::int64_t>(pictures);
    const auto outputs = engine_->run(data, shape);
    std::vector<std::vector<infer::Tensor>> parts(pictures);
    for (const infer::Tensor& output : outputs) {
        if (output.shape.empty() || output.shape[0] != shape[0])
            throw base::Error(base::ErrorKind::Unsupported,
                              "The network's answers are not one for each picture.");
        infer::Tensor part = output;
        part.shape[0] = 1;
        for (std::size_t i = 0; i < pictures; i++) {
            part.data = output.data + i * part.size();
            parts[i].push_back(part);
        }
    }
    return parts;
}

/// Exports with an open number of pictures are often open in name only: somewhere within a 1 has
/// been written down, and what follows fails, or mixes the pictures.
bool Model::answersAsAlone() {
    const double top = layout_.picture.unit ? 1 : 255;
    const auto width = static_cast<std::size_t>(width_), height = static_cast<std::size_t>(height_);
    std::vector<float> both;
    std::vector<std::vector<std::vector<float>>> alone;
    for (const double length : {7.0, 23.0}) {
        const std::vector<float> one = waves(width, height, top, length);
        both.insert(both.end(), one.begin(), one.end());
        alone.emplace_back();
        for (const infer::Tensor& tensor : engine_->run(one.data(), shape_))
            alone.back().emplace_back(tensor.data, tensor.data + tensor.size());
    }
    const auto parts = runTogether(both.data(), alone.size());
    for (std::size_t i = 0; i < parts.size(); i++)
        for (std::size_t t = 0; t < parts[i].size(); t++)
            if (!alike(parts[i][t], alone[i][t]))
                return false;
    return true;
}

bool Model::allowBatch(std::size_t pictures) {
    if (pictures <= batch_)
        return true;
    if (batch_ == 1) {
        try {
            if (engine_->input().shape[0] > 0 || !answersAsAlone())
                return false;
        } catch (const base::Error&) { // it has no kernel for more than one
            return false;
        }
    }
    batch_ = pictures;
    return true;
}

std::vector<base::Detection> Model::detect(const float* tensor, const Fit& fit,
                                           const Limits& limits) {
    return read(engine_->run(tensor, shape_), {tensor, fit, limits});
}

std::vector<std::vector<base::Detection>> Model::detect(const std::vector<Look>& looks) {
    std::vector<std::vector<base::Detection>> found;
    const std::size_t size =
        std::size_t{3} * static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_);
    for (std::size_t begun = 0; begun < looks.size();) {
        const std::size_t count = std::min(batch(), looks.size() - begun);
        if (count == 1) {
            found.push_back(detect(looks[begun].tensor, looks[begun].fit, looks[begun].limits));
        } else {
            together_.resize(count * size);
            for (std::size_t i = 0; i < count; i++)
                std::copy_n(looks[begun + i].tensor, size, together_.data() + i * size);
            const auto parts = runTogether(together_.data(), count);
            for (std::size_t i = 0; i < count; i++)
                found.push_back(read(parts[i], looks[begun + i]));
        }
        begun += count;
    }
    return found;
}

} // namespace yolo
