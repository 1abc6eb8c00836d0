#include "overlay/painter.hpp"

#include "overlay/label.hpp"
#include "overlay/lines.hpp"
#include "overlay/maskfill.hpp"
#include "overlay/skeleton.hpp"
#include "overlay/tabs.hpp"

#include <algorithm>
#include <cmath>

namespace overlay {

namespace {

std::uint8_t scaled(std::uint8_t alpha, double factor) {
    return static_cast<std::uint8_t>(std::lround(alpha * std::clamp(factor, 0.0, 1.0)));
}

bool isFinite(const base::Rect& r) {
    return std::isfinite(r.x) && std::isfinite(r.y) && std::isfinite(r.width) &&
           std::isfinite(r.height);
}

Area areaOf(const base::Rect& box, int width, int height) {
    const base::PixelRect r = base::wholePixels(box, width, height);
    return {r.x, r.y, r.width, r.height};
}

Area grown(const Area& a, int by) {
    return {a.x - by, a.y - by, a.width + 2 * by, a.height + 2 * by};
}

/// A class without a number still keeps its colour: FNV-1a of its name.
std::uint64_t hashOf(const std::string& text) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return hash;
}

std::string nameOf(const base::Detection& object) {
    std::string name = printable(object.label, Painter::maxNameCharacters);
    return name.empty() && object.classId >= 0 ? "class " + std::to_string(object.classId) : name;
}

std::string percentOf(float score) {
    return std::to_string(std::lround(std::clamp(score, 0.0f, 1.0f) * 100)) + "%";
}

} // namespace

/// All lengths in pixels.
struct Painter::Sizes {
    int line;   ///< of the box
    int shadow; ///< beside the line
    int text;
    int padX; ///< between a tab's ends and its text
    int padY;
    int gap; ///< between name, track and score
    Font::Metrics metrics;

    int tabHeight() const { return metrics.ascent + metrics.descent + 2 * padY; }
};

/// Name, track and score are shaped apart: a score that changes with every frame then costs no more
/// than one of a hundred bitmaps that are kept.
struct Painter::Piece {
    std::shared_ptr<const TextBitmap> bitmap;
    int x; ///< pen's start, from the tab's left edge
    double strength;
};

struct Painter::Item {
    const base::Detection* object;
    Area box;
    Color color;
    double opacity;
    std::vector<Piece> pieces;
    Area tab;
};

void Painter::use(const Settings& settings) {
    if (!font_ || settings.font != settings_.font)
        font_ = std::make_unique<Font>(settings.font);
    settings_ = settings;
    filter_ = ClassFilter(settings.classes);
}

double Painter::freshness(std::chrono::nanoseconds age) {
    const double seconds = std::chrono::duration<double>(age).count();
    constexpr double fresh = 0.5, old = 2, least = 0.4;
    return 1 - (1 - least) * std::clamp((seconds - fresh) / (old - fresh), 0.0, 1.0);
}

bool Painter::drawsMask(const base::Detection& object) const {
    return settings_.masks && settings_.maskOpacity > 0 && object.mask;
}

bool Painter::drawsKeyPoints(const base::Detection& object) const {
    return settings_.keyPoints &&
           std::any_of(object.keyPoints.begin(), object.keyPoints.end(), [&](const auto& point) {
               return isShown(point, settings_.keyPointThreshold);
           });
}

bool Painter::drawsTab(const base::Detection& object) const {
    return (settings_.labels && !nameOf(object).empty()) ||
           (settings_.trackIds && object.trackId > 0) || (settings_.scores && object.score > 0);
}

bool Painter::isDrawn(const base::Detection& object) const {
    return isFinite(object.box) && base::clampToFrame(object.box).area() > 0 &&
           (settings_.boxes || drawsMask(object) || drawsKeyPoints(object) || drawsTab(object)) &&
           filter_.passes(object);
}

bool Painter::hasWork(const base::Detections& detections) const {
    if (settings_.opacity <= 0)
        return false;
    return std::any_of(detections.objects.begin(), detections.objects.end(),
                       [this](const base::Detection& object) { return isDrawn(object); });
}

bool Painter::shows(const base::Detection& object) const {
    return settings_.opacity > 0 && isDrawn(object) && (settings_.boxes || drawsTab(object));
}

Painter::Sizes Painter::sizesFor(int frameWidth, int frameHeight) const {
    const int size = std::min(frameWidth, frameHeight); // upright pictures get no larger letters
    Sizes s{};
    s.line = settings_.lineWidth > 0 ? settings_.lineWidth : std::max(2, (size + 80) / 240);
    s.shadow = std::max(1, s.line / 3);
    const int described = font_->describedPixels();
    // A phone shows 1920 pixels in 390 of its own: from 32 on, letters can be read there.
    s.text = described > 0 ? described : std::clamp(size / 33, 11, Font::maxPixels);
    s.padX = std::max(2, s.text * 2 / 5);
    s.padY = std::max(1, s.text / 8);
    s.gap = std::max(2, s.text * 2 / 5);
    s.metrics = font_->metrics(s.text);
    return s;
}

Color Painter::colorFor(const base::Detection& object) const {
    if (settings_.color != 0)
        return colorOf(settings_.color);
    if (object.trackId > 0)
        return paletteColor(static_cast<std::uint64_t>(object.trackId));
    if (object.classId >= 0)
        return paletteColor(static_cast<std::uint64_t>(object.classId));
    return paletteColor(hashOf(object.label));
}

void Painter::addLabel(Item& item, const Sizes& sizes, int frameWidth) {
    int pen = sizes.padX;
    const auto add = [&](const std::string& text, double strength) {
        if (text.empty())
            return;
        const auto bitmap = font_->draw(text, sizes.text, frameWidth * 2 / 3);
        if (!item.pieces.empty())
            pen += sizes.gap;
        item.pieces.push_back({bitmap, pen, strength});
        pen += bitmap->advance;
    };
    const base::Detection& object = *item.object;
    if (settings_.labels)
        add(nameOf(object), 1);
    if (settings_.trackIds && object.trackId > 0)
        add("#" + std::to_string(object.trackId), 0.8);
    if (settings_.scores && object.score > 0)
        add(percentOf(object.score), 0.8);
    if (!item.pieces.empty())
        item.tab = {0, 0, pen + sizes.padX, sizes.tabHeight()};
}

/// From far to near, where lower in the picture is taken for nearer: that order lasts from frame to
/// frame, the order of scores does not, and labels that change places are hard to read.
std::vector<Painter::Item> Painter::arrange(const base::WritableFrame& frame, const Sizes& sizes,
                                            const base::Detections& detections) {
    std::vector<Item> items;
    const double opacity = settings_.opacity * freshness(detections.age);
    for (const base::Detection& object : detections.objects) {
        if (!isDrawn(object))
            continue;
        const Area inner = grown(areaOf(object.box, frame.width, frame.height), sizes.line / 2);
        Item item{&object,
                  intersect(inner, {0, 0, frame.width, frame.height}),
                  colorFor(object),
                  opacity,
                  {},
                  {}};
        addLabel(item, sizes, frame.width);
        items.push_back(std::move(item));
    }
    std::stable_sort(items.begin(), items.end(),
                     [](const Item& a, const Item& b) { return a.box.bottom() < b.box.bottom(); });
    TabPlaces places(frame.width, frame.height);
    for (auto item = items.rbegin(); item != items.rend(); ++item)
        if (!item->tab.empty())
            item->tab = places.take(item->box, item->tab.width, item->tab.height, sizes.line);
    return items;
}

namespace {

Color faded(Color color, double factor) {
    color.alpha = scaled(color.alpha, factor);
    return color;
}

/// What goes beside lines, so that they show on any ground.
Color shadowOf(const Color& color) {
    constexpr std::uint8_t shadowAlpha = 80;
    return {0, 0, 0, scaled(shadowAlpha, color.alpha / 255.0)};
}

Lines::Place placeOf(const base::Point& p, const base::WritableFrame& frame) {
    return {p.x * frame.width, p.y * frame.height};
}

} // namespace

void Painter::drawBox(Canvas& canvas, const Item& item, const Sizes& sizes,
                      const base::WritableFrame& frame) {
    const Color line = faded(item.color, item.opacity), shadow = shadowOf(line);
    if (!isTurned(*item.object)) {
        canvas.outline(grown(item.box, sizes.shadow), sizes.shadow, shadow);
        canvas.outline(grown(item.box, -sizes.line), sizes.shadow, shadow);
        canvas.outline(item.box, sizes.line, line);
        return;
    }
    const double radius = sizes.line / 2.0;
    Lines beside(radius + sizes.shadow, radius), sides(radius);
    for (std::size_t i = 0; i < 4; i++) {
        const auto from = placeOf(item.object->corners[i], frame);
        const auto to = placeOf(item.object->corners[(i + 1) % 4], frame);
        beside.add(from, to);
        sides.add(from, to);
    }
    canvas.paint(beside, shadow);
    canvas.paint(sides, line);
}

/// Limbs in the object's colour, and joints that stand out from them.
void Painter::drawKeyPoints(Canvas& canvas, const Item& item, const Sizes& sizes,
                            const base::WritableFrame& frame) {
    const Color line = faded(item.color, item.opacity), shadow = shadowOf(line);
    const auto& points = item.object->keyPoints;
    const auto shown = [&](std::size_t i) {
        return isShown(points[i], settings_.keyPointThreshold);
    };
    const double limb = sizes.line * 0.5, joint = sizes.line * 1.1;
    Lines limbShadows(limb + sizes.shadow, limb), limbs(limb);
    for (const auto& [a, b] : limbsOf(points.size())) {
        if (!shown(static_cast<std::size_t>(a)) || !shown(static_cast<std::size_t>(b)))
            continue;
        const auto from = placeOf(points[static_cast<std::size_t>(a)].at, frame);
        const auto to = placeOf(points[static_cast<std::size_t>(b)].at, frame);
        limbShadows.add(from, to);
        limbs.add(from, to);
    }
    Lines rims(joint + sizes.shadow, joint), joints(joint);
    for (std::size_t i = 0; i < points.size(); i++)
        if (shown(i)) {
            const auto at = placeOf(points[i].at, frame);
            rims.add(at, at);
            joints.add(at, at);
        }
    canvas.paint(limbShadows, shadow);
    canvas.paint(limbs, line);
    canvas.paint(rims, line);
    canvas.paint(joints, faded(readableOn(item.color), line.alpha / 255.0));
}

void Painter::drawTab(Canvas& canvas, const Item& item, const Sizes& sizes) {
    canvas.fill(item.tab, faded(item.color, item.opacity));
    for (const Piece& piece : item.pieces)
        canvas.paint(piece.bitmap->coverage, item.tab.x + piece.x + piece.bitmap->left,
                     item.tab.y + sizes.padY + sizes.metrics.ascent - piece.bitmap->baseline,
                     faded(readableOn(item.color), piece.strength * item.opacity));
}

void Painter::draw(const base::WritableFrame& frame, const base::Detections& detections) {
    if (!hasWork(detections) || frame.width <= 0 || frame.height <= 0)
        return;
    Canvas canvas(frame);
    const Sizes sizes = sizesFor(frame.width, frame.height);
    const std::vector<Item> items = arrange(frame, sizes, detections);
    for (const Item& item : items)
        if (drawsMask(*item.object)) {
            MaskFill fill(*item.object->mask, areaOf(item.object->box, frame.width, frame.height));
            canvas.paint(fill, faded(item.color, item.opacity * settings_.maskOpacity));
        }
    for (const Item& item : items)
        if (settings_.boxes)
            drawBox(canvas, item, sizes, frame);
    for (const Item& item : items)
        if (drawsKeyPoints(*item.object))
            drawKeyPoints(canvas, item, sizes, frame);
    for (const Item& item : items)
        drawTab(canvas, item, sizes);
}

void Painter::warmUp(int frameWidth, int frameHeight) {
    const Sizes sizes = sizesFor(frameWidth, frameHeight);
    for (int percent = 0; percent <= 100; percent++)
        font_->draw(percentOf(static_cast<float>(percent) / 100), sizes.text, frameWidth * 2 / 3);
}

} // namespace overlay
