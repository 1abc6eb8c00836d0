#pragma once

#include "base/detection.hpp"
#include "base/frame.hpp"
#include "base/rect.hpp"

#include <string>

namespace yolo {

/// A part of a frame, in its memory: no pixel is copied.
struct Region {
    base::Frame frame;
    base::Rect place; ///< in parts of the whole frame, after snapping to whole pixels
};

/// The pixels of `frame` that `part` touches, at least 2x2, from even positions, as subsampled
/// chroma wants it.
Region cut(const base::Frame& frame, const base::Rect& part);

/// A box in parts of a region, in parts of the frame.
base::Rect outOf(const base::Rect& region, const base::Rect& box);
/// An object that was found in a region, with its key points and corners, likewise. (A mask lies
/// over the box, and goes with it.)
base::Detection outOf(const base::Rect& region, base::Detection object);

/// Reads "x,y,width,height", each 0..1 in parts of the frame; empty text is the whole frame. Throws
/// base::Error Settings for anything else, also for a region without area.
base::Rect parseRegion(const std::string& text);

} // namespace yolo
