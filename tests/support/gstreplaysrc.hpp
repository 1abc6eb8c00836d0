#pragma once

#include "support/recordings.hpp"

#include <gst/gst.h>

namespace camera {

struct ReplaySource {
    Recording recording;
    int width, height, fps;
};

/// A source of a recording's H.264, not live: its time counts from 1900, it can be sought to any
/// moment and played at any rate. Backwards it gives groups of pictures as the ONVIF streaming
/// specification wants them under "Reverse replay": the latest first, each in its own order.
GstElement* newReplaySrc(const ReplaySource& source);

} // namespace camera
