#pragma once

#include "base/frame.hpp"

#include <cstdint>
#include <vector>

namespace camera {

/// The hall that the signs move in. Nothing in it is far from grey: largest minus smallest of R, G,
/// B stays below 40. Drawing it takes long (70 ms at 1280x720); it is the same at each start and
/// may be shared by any number of painters and threads.
class SceneBackground {
public:
    /// Sizes in pixels, even, from 16 to 7680x4320; throws base::Error(Settings) otherwise.
    SceneBackground(int width, int height);

    /// BGRx.
    base::Frame picture() const;

private:
    int width_, height_;
    std::vector<std::uint8_t> pixels_;
};

} // namespace camera
