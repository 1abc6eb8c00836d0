#include "dnnfilter/filter.hpp"

#include <utility>

namespace dnnfilter {

Filter::Filter(std::unique_ptr<ImageModel> model, int overlap)
    : model_(std::move(model)), overlap_(overlap),
      tile_(std::size_t{3} * static_cast<std::size_t>(model_->width()) *
            static_cast<std::size_t>(model_->height())) {}

std::size_t Filter::tiles(int width, int height) const {
    return Axis(width, model_->width(), overlap_).starts().size() *
           Axis(height, model_->height(), overlap_).starts().size();
}

void Filter::apply(const RgbPicture& in, RgbPicture& out) {
    const Axis across(in.width, model_->width(), overlap_);
    const Axis down(in.height, model_->height(), overlap_);
    quilt_.begin(in.width, in.height);
    for (std::size_t row = 0; row < down.starts().size(); row++)
        for (std::size_t column = 0; column < across.starts().size(); column++) {
            cut(in, across, column, down, row, tile_.data());
            model_->run(tile_.data());
            quilt_.add(tile_.data(), across, column, down, row);
        }
    quilt_.finish(out);
}

} // namespace dnnfilter
