#pragma once

#include "layout.hpp"

#include <optional>
#include <vector>

namespace yolo {

/// What findLayout() concludes from shapes, values and clues; nothing where they are of no network
/// that is understood. Where a layout is asked for, a doubt is decided in its favour; what comes
/// out may still be another one.
std::optional<Layout> likelyLayout(const std::vector<infer::Tensor>& outputs, const Clues& clues);

} // namespace yolo
