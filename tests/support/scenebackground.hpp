#pragma once

typedef struct _cairo cairo_t;

namespace camera {

/// Draws the hall that the signs move in, over the whole of a picture of that many pixels. Nothing
/// in it is far from grey: largest minus smallest of R, G, B stays below 40.
void drawBackground(cairo_t* cr, int width, int height);

} // namespace camera
