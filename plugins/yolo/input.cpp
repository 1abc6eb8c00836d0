#include "input.hpp"

namespace yolo {

void InputMaker::make(const base::Frame& frame, std::chrono::nanoseconds time, Input& input) {
    if (!letterbox_ || !letterbox_->suits(frame)) {
        letterbox_.emplace(frame, netWidth_, netHeight_, picture_);
        geometry_++;
    }
    if (input.geometry != geometry_) {
        input.tensor.resize(letterbox_->tensorSize());
        letterbox_->pad(input.tensor.data());
        input.place = letterbox_->place();
        input.geometry = geometry_;
    }
    letterbox_->draw(frame, input.tensor.data());
    input.time = time;
}

} // namespace yolo
