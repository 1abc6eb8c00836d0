#pragma once

#include "support/gstlivesrc.hpp"

#include <memory>

namespace camera {

/// The sound of the drawn scene: a soft tick at each full second since `epoch`, so that picture and
/// sound can be compared. 48 kHz, mono, 16 bit.
std::unique_ptr<Producer> tickProducer(GstClockTime epoch);

} // namespace camera
