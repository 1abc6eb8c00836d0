#include "overlay/font.hpp"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>

namespace overlay {

namespace {

struct Free {
    void operator()(PangoFontDescription* o) const { pango_font_description_free(o); }
    void operator()(PangoFontMetrics* o) const { pango_font_metrics_unref(o); }
    void operator()(PangoFontMap* o) const { g_object_unref(o); }
    void operator()(PangoContext* o) const { g_object_unref(o); }
    void operator()(PangoLayout* o) const { g_object_unref(o); }
    void operator()(cairo_surface_t* o) const { cairo_surface_destroy(o); }
    void operator()(cairo_t* o) const { cairo_destroy(o); }
    void operator()(cairo_font_options_t* o) const { cairo_font_options_destroy(o); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

int pixelsOf(const PangoFontDescription* description) {
    const double size =
        static_cast<double>(pango_font_description_get_size(description)) / PANGO_SCALE;
    if (size <= 0)
        return 0;
    const double pixels =
        pango_font_description_get_size_is_absolute(description) ? size : size * 4 / 3;
    return static_cast<int>(
        std::clamp(std::round(pixels), 1.0 * Font::minPixels, 1.0 * Font::maxPixels));
}

/// Keeps a hostile pile of marks, or one enormous glyph, from covering the picture.
PangoRectangle bounded(PangoRectangle r, const PangoRectangle& line, int pixels) {
    const int top = std::max(r.y, line.y - pixels / 2);
    const int bottom = std::min(r.y + r.height, line.y + line.height + pixels / 2);
    const int left = std::max(r.x, line.x - pixels);
    const int right = std::min(r.x + r.width, line.x + line.width + pixels);
    return {left, top, std::max(0, right - left), std::max(0, bottom - top)};
}

Coverage rasterise(PangoLayout* layout, const PangoRectangle& area) {
    Coverage coverage{area.width, area.height, {}};
    coverage.values.resize(static_cast<std::size_t>(area.width) * area.height);
    if (coverage.values.empty())
        return coverage;
    const Owned<cairo_surface_t> surface(
        cairo_image_surface_create(CAIRO_FORMAT_A8, area.width, area.height));
    const Owned<cairo_t> cairo(cairo_create(surface.get()));
    cairo_move_to(cairo.get(), -area.x, -area.y);
    pango_cairo_show_layout(cairo.get(), layout);
    cairo_surface_flush(surface.get());
    const unsigned char* data = cairo_image_surface_get_data(surface.get());
    if (!data)
        return coverage;
    const int stride = cairo_image_surface_get_stride(surface.get());
    for (int y = 0; y < area.height; y++)
        std::copy_n(data + static_cast<std::ptrdiff_t>(y) * stride, area.width,
                    coverage.values.begin() + static_cast<std::ptrdiff_t>(y) * area.width);
    return coverage;
}

} // namespace

struct Font::Pango {
    // A font map of our own: the default one belongs to its thread.
    Owned<PangoFontMap> map{pango_cairo_font_map_new()};
    Owned<PangoContext> context{pango_font_map_create_context(map.get())};
    Owned<PangoFontDescription> description;

    explicit Pango(const std::string& text)
        : description(pango_font_description_from_string(text.c_str())) {
        // Grey edges, not a screen's coloured ones; vertical hinting only, for crisp rows and even
        // spacing.
        const Owned<cairo_font_options_t> options(cairo_font_options_create());
        cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
        cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_SLIGHT);
        cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_ON);
        pango_cairo_context_set_font_options(context.get(), options.get());
    }

    void setSize(int pixels) {
        pango_font_description_set_absolute_size(description.get(), 1.0 * pixels * PANGO_SCALE);
    }
};

Font::Font(const std::string& description)
    : pango_(std::make_unique<Pango>(description)),
      describedPixels_(pixelsOf(pango_->description.get())) {}

Font::~Font() = default;

Font::Metrics Font::metrics(int wanted) {
    const int pixels = std::clamp(wanted, minPixels, maxPixels);
    const auto known = metrics_.find(pixels);
    if (known != metrics_.end())
        return known->second;
    pango_->setSize(pixels);
    const Owned<PangoFontMetrics> m(
        pango_context_get_metrics(pango_->context.get(), pango_->description.get(), nullptr));
    const Metrics found{PANGO_PIXELS_CEIL(pango_font_metrics_get_ascent(m.get())),
                        PANGO_PIXELS_CEIL(pango_font_metrics_get_descent(m.get()))};
    return metrics_[pixels] = found;
}

std::shared_ptr<const TextBitmap> Font::draw(const std::string& text, int wanted, int maxWidth) {
    const int pixels = std::clamp(wanted, minPixels, maxPixels);
    const int width = std::max(maxWidth, pixels);
    const std::string key = std::to_string(pixels) + ' ' + std::to_string(width) + ' ' + text;
    if (const auto known = known_.find(key); known != known_.end()) {
        recent_.splice(recent_.begin(), recent_, known->second);
        return known->second->bitmap;
    }

    pango_->setSize(pixels);
    const Owned<PangoLayout> layout(pango_layout_new(pango_->context.get()));
    pango_layout_set_font_description(layout.get(), pango_->description.get());
    pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    PangoRectangle ink, line;
    pango_layout_get_pixel_extents(layout.get(), &ink, &line);
    if (line.width > width) {
        pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
        pango_layout_set_width(layout.get(), width * PANGO_SCALE);
        pango_layout_get_pixel_extents(layout.get(), &ink, &line);
    }
    const PangoRectangle area = bounded(ink, line, pixels);
    auto bitmap = std::make_shared<TextBitmap>();
    bitmap->coverage = rasterise(layout.get(), area);
    bitmap->left = area.x - line.x;
    bitmap->baseline = PANGO_PIXELS(pango_layout_get_baseline(layout.get())) - area.y;
    bitmap->advance = line.width;

    const std::size_t bytes = bitmap->coverage.values.size() + key.size() + 256;
    recent_.push_front({key, bitmap, bytes});
    known_[recent_.front().key] = recent_.begin();
    used_ += bytes;
    evict();
    return bitmap;
}

/// The newest stays even when it is larger than the whole budget: somebody is about to paint it.
void Font::evict() {
    while (used_ > cacheBytes && recent_.size() > 1) {
        used_ -= recent_.back().bytes;
        known_.erase(recent_.back().key);
        recent_.pop_back();
    }
}

} // namespace overlay
