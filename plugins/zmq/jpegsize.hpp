#pragma once

#include <optional>
#include <string_view>

namespace imagezmq {

struct JpegSize {
    int width, height; ///< pixels, 1 to 65535
};

/// What the frame header of a JPEG file says (ITU-T T.81, B.2.2), or nothing where there is none
/// before its picture data.
std::optional<JpegSize> jpegSize(std::string_view file);

} // namespace imagezmq
