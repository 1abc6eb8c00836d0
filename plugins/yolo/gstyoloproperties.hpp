#pragma once

#include "glue/properties.hpp"
#include "settings.hpp"

namespace yolo {

/// A row for each field of `Settings`.
const glue::PropertyTable<Settings>& properties();

} // namespace yolo
