#include "support/scenebackground.hpp"

#include "base/error.hpp"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace camera {
namespace {

constexpr double horizon = 0.34;   ///< where the wall meets the floor, in frame heights
constexpr double vanishing = 0.22; ///< where floor lines would meet, behind the wall

void stop(cairo_pattern_t* pattern, double at, int r, int g, int b, double alpha = 1) {
    cairo_pattern_add_color_stop_rgba(pattern, at, r / 255.0, g / 255.0, b / 255.0, alpha);
}

void fillWith(cairo_t* cr, cairo_pattern_t* pattern) {
    cairo_set_source(cr, pattern);
    cairo_fill(cr);
    cairo_pattern_destroy(pattern);
}

/// All drawing is in units of the frame height; `w` is its width in them.
void drawWall(cairo_t* cr, double w) {
    cairo_pattern_t* paint = cairo_pattern_create_linear(0, 0, 0, horizon);
    stop(paint, 0, 84, 92, 106);
    stop(paint, 0.75, 124, 132, 146);
    stop(paint, 1, 134, 141, 153);
    cairo_rectangle(cr, 0, 0, w, horizon);
    fillWith(cr, paint);

    const int bays = std::max(3, static_cast<int>(std::lround(w * 5)));
    for (int i = 0; i < bays; ++i) {
        const double left = w * (i + 0.13) / bays;
        const double right = w * (i + 0.87) / bays;
        cairo_pattern_t* glass = cairo_pattern_create_linear(left, 0.06, right, 0.27);
        stop(glass, 0, 168, 177, 191);
        stop(glass, 0.5, 188, 196, 207);
        stop(glass, 1, 152, 161, 176);
        cairo_rectangle(cr, left, 0.06, right - left, 0.20);
        fillWith(cr, glass);
        cairo_set_source_rgb(cr, 104 / 255.0, 112 / 255.0, 126 / 255.0);
        cairo_set_line_width(cr, 0.004);
        cairo_rectangle(cr, left, 0.06, right - left, 0.20);
        cairo_move_to(cr, (left + right) / 2, 0.06);
        cairo_line_to(cr, (left + right) / 2, 0.26);
        cairo_stroke(cr);
    }
    cairo_set_source_rgb(cr, 88 / 255.0, 95 / 255.0, 107 / 255.0);
    cairo_rectangle(cr, 0, horizon - 0.018, w, 0.018);
    cairo_fill(cr);
}

void drawFloor(cairo_t* cr, double w) {
    cairo_pattern_t* paint = cairo_pattern_create_linear(0, horizon, 0, 1);
    stop(paint, 0, 128, 134, 144);
    stop(paint, 0.35, 112, 118, 129);
    stop(paint, 1, 78, 84, 95);
    cairo_rectangle(cr, 0, horizon, w, 1 - horizon);
    fillWith(cr, paint);
}

/// Floor lines run to the vanishing point; cross lines close up towards the wall as 1 / distance.
void drawFloorLines(cairo_t* cr, double w) {
    cairo_save(cr);
    cairo_rectangle(cr, 0, horizon, w, 1 - horizon);
    cairo_clip(cr);
    const auto line = [&](double at, double thickness) {
        const double reach = (1 - vanishing) / (horizon - vanishing);
        const double far = w / 2 + (at - w / 2) / reach;
        cairo_move_to(cr, far - thickness / reach, horizon);
        cairo_line_to(cr, far + thickness / reach, horizon);
        cairo_line_to(cr, at + thickness, 1);
        cairo_line_to(cr, at - thickness, 1);
        cairo_close_path(cr);
        cairo_fill(cr);
    };
    cairo_set_source_rgba(cr, 0.22, 0.24, 0.28, 0.22);
    for (int i = -24; i <= 24; ++i)
        line(w / 2 + i * 0.21, 0.0025);
    for (int i = 0; i < 9; ++i) {
        const double y = vanishing + (1 - vanishing) / (1 + i * 0.62);
        cairo_rectangle(cr, 0, y, w, 0.0055 / (1 + i * 0.62));
        cairo_fill(cr);
    }
    cairo_set_source_rgba(cr, 0.86, 0.88, 0.91, 0.62);
    for (const double at : {-1.05, -0.35, 0.35, 1.05})
        line(w / 2 + at * w, 0.016);
    cairo_restore(cr);
}

void drawLight(cairo_t* cr, double w) {
    for (const double at : {0.2, 0.52, 0.86}) {
        cairo_save(cr);
        cairo_translate(cr, at * w, 0.66);
        cairo_scale(cr, 1, 0.42);
        cairo_pattern_t* pool = cairo_pattern_create_radial(0, 0, 0, 0, 0, 0.44);
        stop(pool, 0, 236, 240, 246, 0.26);
        stop(pool, 1, 236, 240, 246, 0);
        cairo_arc(cr, 0, 0, 0.44, 0, 2 * M_PI);
        fillWith(cr, pool);
        cairo_restore(cr);
    }
    cairo_pattern_t* vignette =
        cairo_pattern_create_radial(w / 2, 0.5, 0.45, w / 2, 0.5, std::hypot(w, 1.0) / 2);
    stop(vignette, 0, 20, 24, 32, 0);
    stop(vignette, 1, 20, 24, 32, 0.42);
    cairo_rectangle(cr, 0, 0, w, 1);
    fillWith(cr, vignette);
}

std::uint32_t scramble(std::uint32_t x) { // a well-mixing integer hash: same grain every time
    x = (x ^ x >> 16) * 0x7feb352dU;
    x = (x ^ x >> 15) * 0x846ca68bU;
    return x ^ x >> 16;
}

/// A value in -1..1 for each lattice point, blended smoothly between them.
double smoothNoise(double x, double y, std::uint32_t seed) {
    const auto at = [seed](int i, int j) {
        const auto mixed = scramble(static_cast<std::uint32_t>(i) * 73856093U ^
                                    static_cast<std::uint32_t>(j) * 19349663U ^ seed);
        return mixed / 2147483647.5 - 1;
    };
    const auto ease = [](double t) { return t * t * (3 - 2 * t); };
    const int i = static_cast<int>(std::floor(x));
    const int j = static_cast<int>(std::floor(y));
    const double u = ease(x - i), v = ease(y - j);
    const double above = at(i, j) + u * (at(i + 1, j) - at(i, j));
    const double below = at(i, j + 1) + u * (at(i + 1, j + 1) - at(i, j + 1));
    return above + v * (below - above);
}

/// Worn concrete: the same brightness is added to R, G and B, so the hue stays as grey as it was.
void addTexture(std::uint8_t* pixels, int width, int height) {
    for (int y = 0; y < height; ++y) {
        const double v = static_cast<double>(y) / height;
        const double weight = v < horizon ? 0.35 : 1;
        for (int x = 0; x < width; ++x) {
            const double u = static_cast<double>(x) / height;
            const double stains =
                5 * smoothNoise(u * 5, v * 9, 1) + 3.5 * smoothNoise(u * 17, v * 31, 2);
            const double grain = 2.5 * smoothNoise(u * 120, v * 160, 3);
            const int change = static_cast<int>(std::lround(weight * (stains + grain)));
            std::uint8_t* pixel = pixels + 4 * (y * width + x);
            for (int c = 0; c < 3; ++c)
                pixel[c] = static_cast<std::uint8_t>(std::clamp(pixel[c] + change, 0, 255));
        }
    }
}

void drawHall(cairo_t* cr, int width, int height) {
    cairo_scale(cr, height, height);
    const double w = static_cast<double>(width) / height;
    drawWall(cr, w);
    drawFloor(cr, w);
    drawFloorLines(cr, w);
    drawLight(cr, w);
}

} // namespace

SceneBackground::SceneBackground(int width, int height) : width_(width), height_(height) {
    if (width < 16 || height < 16 || width > 7680 || height > 4320 || width % 2 || height % 2)
        throw base::Error(base::ErrorKind::Settings,
                          "The scene needs an even width and height from 16 to 7680x4320.");
    pixels_.resize(4 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    cairo_surface_t* surface = cairo_image_surface_create_for_data(
        pixels_.data(), CAIRO_FORMAT_RGB24, width, height, 4 * width);
    cairo_t* cr = cairo_create(surface);
    drawHall(cr, width, height);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    cairo_surface_destroy(surface);
    addTexture(pixels_.data(), width, height);
}

base::Frame SceneBackground::picture() const {
    base::Frame frame;
    frame.format = base::PixelFormat::BGRx;
    frame.width = width_;
    frame.height = height_;
    frame.planes[0] = pixels_.data();
    frame.strides[0] = 4 * static_cast<std::ptrdiff_t>(width_);
    return frame;
}

} // namespace camera
