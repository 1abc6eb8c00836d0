#pragma once

#include "support/gstlivesrc.hpp"

#include <memory>
#include <string>

namespace camera {

/// The next picture of a producer of raw video, as JPEG. Throws base::Error.
std::string jpegOf(std::unique_ptr<Producer> producer);

} // namespace camera
