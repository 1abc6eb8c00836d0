#pragma once

#include "base/detection.hpp"
#include "base/frame.hpp"
#include "overlay/canvas.hpp"
#include "overlay/classfilter.hpp"
#include "overlay/font.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overlay {

struct Settings {
    int lineWidth = 0;              ///< pixels; 0 follows the frame's size
    std::string font = "Sans Bold"; ///< Pango description; without a size it follows the frame's
    bool labels = true;
    bool scores = true;
    bool trackIds = true;
    bool boxes = true;
    bool masks = true;
    bool keyPoints = true;
    double keyPointThreshold = 0.5; ///< 0..1: key points seen less surely are left out
    double maskOpacity = 0.45;      ///< 0..1, of `opacity`
    unsigned color = 0;  ///< 0xAARRGGBB; 0: one per class, or per track where objects are tracked
    double opacity = 1;  ///< 0..1
    std::string classes; ///< ClassFilter's list
};

/// Puts detections into a picture: the object's pixels tinted where its mask is known; a box,
/// upright or turned, with a thin shadow, so that it shows on any ground; its key points, with the
/// limbs of a person; and a tab with name, track and score above it, or inside or below where there
/// is no room or another tab. The cost follows the pixels drawn; text is shaped the first time that
/// it is seen.
///
/// Results that have grown old (`Detections::age`) fade: they say where something was.
class Painter {
public:
    static constexpr std::size_t maxNameCharacters = 40;

    Painter() : Painter(Settings()) {}
    explicit Painter(const Settings& settings) { use(settings); }

    /// From the next frame on.
    void use(const Settings& settings);

    /// Whether `draw` would change a frame: so nobody needs to copy one for nothing.
    bool hasWork(const base::Detections& detections) const;

    /// Whether `draw` would tell where this object is or what it is, by a box or by a tab.
    bool shows(const base::Detection& object) const;

    /// Throws nothing but std::bad_alloc.
    void draw(const base::WritableFrame& frame, const base::Detections& detections);

    /// Shapes a few letters at the size that such frames get. The first text costs a search for
    /// fonts (tens of milliseconds): better before the stream than in it.
    void warmUp(int frameWidth, int frameHeight);

    /// How much of its opacity a result of this age keeps: 1 up to half a second, 0.4 from 2 s on.
    static double freshness(std::chrono::nanoseconds age);

private:
    struct Sizes;
    struct Piece;
    struct Item;

    bool isDrawn(const base::Detection& object) const;
    bool drawsMask(const base::Detection& object) const;
    bool drawsKeyPoints(const base::Detection& object) const;
    bool drawsTab(const base::Detection& object) const;
    Sizes sizesFor(int frameWidth, int frameHeight) const;
    std::vector<Item> arrange(const base::WritableFrame& frame, const Sizes& sizes,
                              const base::Detections& detections);
    Color colorFor(const base::Detection& object) const;
    static void drawBox(Canvas& canvas, const Item& item, const Sizes& sizes,
                        const base::WritableFrame& frame);
    void drawKeyPoints(Canvas& canvas, const Item& item, const Sizes& sizes,
                       const base::WritableFrame& frame);
    static void drawTab(Canvas& canvas, const Item& item, const Sizes& sizes);
    void addLabel(Item& item, const Sizes& sizes, int frameWidth);

    Settings settings_;
    ClassFilter filter_;
    std::unique_ptr<Font> font_;
};

} // namespace overlay
