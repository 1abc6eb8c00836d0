#include "support/scenepainter.hpp"

#include "base/error.hpp"
#include "support/barcode.hpp"
#include "support/i420.hpp"
#include "support/scene.hpp"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

namespace camera {
namespace {

struct CairoFree {
    void operator()(cairo_surface_t* s) const { cairo_surface_destroy(s); }
    void operator()(cairo_t* c) const { cairo_destroy(c); }
    void operator()(PangoLayout* l) const { g_object_unref(l); }
    void operator()(PangoFontDescription* d) const { pango_font_description_free(d); }
};
template <class T>
using Owned = std::unique_ptr<T, CairoFree>;

base::WritableFrame frameOf(cairo_surface_t* surface) {
    base::WritableFrame frame;
    frame.format = base::PixelFormat::BGRx;
    frame.width = cairo_image_surface_get_width(surface);
    frame.height = cairo_image_surface_get_height(surface);
    frame.planes[0] = cairo_image_surface_get_data(surface);
    frame.strides[0] = cairo_image_surface_get_stride(surface);
    return frame;
}

/// The pixels that a box touches, anti-aliased edges included, on even borders for the chroma.
PixelRect pixelsOf(const base::Rect& box, int width, int height) {
    const int left = static_cast<int>(std::floor(box.x * width)) - 1;
    const int top = static_cast<int>(std::floor(box.y * height)) - 1;
    const int right = static_cast<int>(std::ceil(box.right() * width)) + 1;
    const int bottom = static_cast<int>(std::ceil(box.bottom() * height)) + 1;
    return evenRect({left, top, right - left, bottom - top}, width, height);
}

void drawSign(cairo_t* cr, const base::Detection& sign, int width, int height) {
    const Color& color = signColors[static_cast<std::size_t>(sign.classId)];
    const double x = sign.box.x * width, w = sign.box.width * width;
    const double y = sign.box.y * height, h = sign.box.height * height;
    cairo_set_source_rgb(cr, color.red / 255.0, color.green / 255.0, color.blue / 255.0);
    switch (sign.classId) {
    case Circle:
        cairo_arc(cr, x + w / 2, y + h / 2, h / 2, 0, 2 * M_PI);
        break;
    case Square:
        cairo_rectangle(cr, x, y, w, h);
        break;
    case Triangle:
        cairo_move_to(cr, x + w / 2, y);
        cairo_line_to(cr, x + w, y + h);
        cairo_line_to(cr, x, y + h);
        cairo_close_path(cr);
        break;
    }
    cairo_fill(cr);
}

void drawTitle(cairo_t* cr, const std::string& title, int width, int height) {
    const Owned<PangoLayout> layout(pango_cairo_create_layout(cr));
    const Owned<PangoFontDescription> font(
        pango_font_description_from_string("DejaVu Sans, Sans 500"));
    pango_font_description_set_absolute_size(font.get(), height * 0.036 * PANGO_SCALE);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_text(layout.get(), title.c_str(), static_cast<int>(title.size()));
    pango_layout_set_width(layout.get(), static_cast<int>(width * 0.96) * PANGO_SCALE);
    pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
    pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    // Grey anti-aliasing: sub-pixel rendering would put colours into the text.
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(pango_layout_get_context(layout.get()), options);
    cairo_font_options_destroy(options);

    int textWidth = 0, textHeight = 0;
    pango_layout_get_pixel_size(layout.get(), &textWidth, &textHeight);
    const double pad = height * 0.012;
    cairo_set_source_rgba(cr, 0.10, 0.11, 0.13, 0.55);
    cairo_rectangle(cr, 0, 0, textWidth + 3 * pad, std::min(height * 0.07, textHeight + 2 * pad));
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.93, 0.94, 0.95);
    cairo_move_to(cr, 1.5 * pad, pad);
    pango_cairo_show_layout(cr, layout.get());
}

} // namespace

class ScenePainter::Canvas {
public:
    Canvas(std::shared_ptr<const SceneBackground> background, double fps)
        : background_(std::move(background)), width_(background_->picture().width),
          height_(background_->picture().height), fps_(fps), picture_(newSurface()),
          cr_(cairo_create(picture_.get())) {
        restore({0, 0, width_, height_});
    }

    void draw(std::uint64_t frameNumber, const std::string& title) {
        for (const PixelRect& rect : signs_)
            restore(rect);
        signs_.clear();
        drawTitleIfNew(title);
        for (const auto& sign :
             objectsAt(frameNumber, fps_, static_cast<double>(width_) / height_)) {
            signs_.push_back(pixelsOf(sign.box, width_, height_));
            touched_.push_back(signs_.back());
            drawSign(cr_.get(), sign, width_, height_);
        }
        cairo_surface_flush(picture_.get());
        drawBarcode(frameOf(picture_.get()), frameNumber);
        cairo_surface_mark_dirty(picture_.get());
        const int cell = static_cast<int>(std::ceil(Barcode::cell(width_)));
        touched_.push_back(
            evenRect({0, height_ - cell, Barcode::cells * cell, cell}, width_, height_));
    }

    void copyTo(const base::WritableFrame& target) {
        const base::WritableFrame source = frameOf(picture_.get());
        if (target.format == base::PixelFormat::BGRx)
            copyPlane(source.planes[0], source.strides[0], target.planes[0], target.strides[0],
                      4 * width_, height_);
        else if (target.format == base::PixelFormat::I420)
            copyAsI420(source, target);
        else
            throw base::Error(base::ErrorKind::Unsupported, "The scene is drawn as BGRx or I420.");
    }

private:
    Owned<cairo_surface_t> newSurface() const {
        Owned<cairo_surface_t> made(
            cairo_image_surface_create(CAIRO_FORMAT_RGB24, width_, height_));
        if (cairo_surface_status(made.get()) != CAIRO_STATUS_SUCCESS)
            throw base::Error(base::ErrorKind::Settings, "The picture size is not possible.");
        return made;
    }

    void restore(const PixelRect& rect) {
        const auto from = background_->picture();
        const auto to = frameOf(picture_.get());
        copyPlane(from.planes[0] + rect.y * from.strides[0] + 4 * rect.x, from.strides[0],
                  to.planes[0] + rect.y * to.strides[0] + 4 * rect.x, to.strides[0], 4 * rect.width,
                  rect.height);
        cairo_surface_mark_dirty(picture_.get());
        touched_.push_back(rect);
    }

    void drawTitleIfNew(const std::string& title) {
        if (title_ == title)
            return;
        title_ = title;
        const PixelRect strip =
            evenRect({0, 0, width_, static_cast<int>(height_ * textBottom)}, width_, height_);
        restore(strip);
        drawTitle(cr_.get(), title, width_, height_);
    }

    /// Converts what was touched since the last time and copies the whole out.
    void copyAsI420(const base::WritableFrame& source, const base::WritableFrame& target) {
        if (!converted_ || converted_->matrix() != target.matrix) {
            converted_.emplace(width_, height_, target.matrix);
            touched_ = {{0, 0, width_, height_}};
        }
        for (const PixelRect& rect : touched_)
            converted_->convert(source, rect);
        touched_.clear();
        converted_->copyTo(target);
    }

    std::shared_ptr<const SceneBackground> background_;
    int width_, height_;
    double fps_;
    Owned<cairo_surface_t> picture_;
    Owned<cairo_t> cr_;
    std::optional<std::string> title_;
    std::vector<PixelRect> signs_;   ///< where signs are drawn now
    std::vector<PixelRect> touched_; ///< what `converted_` does not have yet
    std::optional<I420Picture> converted_;
};

ScenePainter::ScenePainter(std::shared_ptr<const SceneBackground> background, double fps)
    : canvas_(std::make_unique<Canvas>(std::move(background), fps)) {}

ScenePainter::ScenePainter(int width, int height, double fps)
    : ScenePainter(std::make_shared<const SceneBackground>(width, height), fps) {}

ScenePainter::~ScenePainter() = default;

void ScenePainter::paint(std::uint64_t frameNumber, const std::string& title,
                         const base::WritableFrame& target) {
    canvas_->draw(frameNumber, title);
    canvas_->copyTo(target);
}

} // namespace camera
