#include "input.hpp"

#include <atomic>

namespace yolo {
namespace {

/// A number that no other letterbox of the process has: an input may come from another network's.
std::uint64_t newGeometry() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

} // namespace

void InputMaker::make(const base::Frame& frame, const base::Rect& region, Input& input) {
    const Region part = cut(frame, region);
    if (!letterbox_ || !letterbox_->suits(part.frame)) {
        letterbox_.emplace(part.frame, netWidth_, netHeight_, picture_);
        geometry_ = newGeometry();
    }
    if (input.geometry != geometry_) {
        input.tensor.resize(letterbox_->tensorSize());
        letterbox_->pad(input.tensor.data());
        input.place = letterbox_->place();
        input.geometry = geometry_;
    }
    letterbox_->draw(part.frame, input.tensor.data());
    input.region = part.place;
}

} // namespace yolo
