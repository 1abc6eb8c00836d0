#pragma once

#include "overlay/canvas.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace overlay {

/// A text as coverage, ready to be painted.
struct TextBitmap {
    Coverage coverage;
    int left = 0; ///< pixels from the pen's start to the first column; negative where ink overhangs
    int baseline = 0; ///< rows from the top of the bitmap to the line that letters stand on
    int advance = 0;  ///< pixels by which the text moves the pen
};

/// Shapes text with Pango, so that any script that the machine has fonts for comes out right, and
/// keeps what it has drawn: within `cacheBytes` a text is shaped once, the least recently used go
/// first. One thread at a time; not for text that has not been through `printable`.
class Font {
public:
    static constexpr std::size_t cacheBytes = 4 << 20;
    static constexpr int minPixels = 6;
    static constexpr int maxPixels = 256;

    /// `description` as Pango writes fonts: "Sans Bold", "DejaVu Sans 14", "Noto Sans 20px".
    explicit Font(const std::string& description);
    ~Font();
    Font(const Font&) = delete;
    Font& operator=(const Font&) = delete;

    /// The size that the description gives, in pixels (a point is 4/3 of one), or 0.
    int describedPixels() const { return describedPixels_; }

    struct Metrics {
        int ascent = 0;  ///< pixels above the baseline that a line of text takes
        int descent = 0; ///< pixels below it
    };
    /// Of the font itself, so that lines are equally high whatever their letters.
    Metrics metrics(int pixels);

    /// A line of text; wider than `maxWidth` pixels it ends in an ellipsis. Ink that piles up above
    /// or below the line (stacked marks) is cut at half a line.
    std::shared_ptr<const TextBitmap> draw(const std::string& text, int pixels, int maxWidth);

    std::size_t cachedBytes() const { return used_; }

private:
    struct Pango; // so that nobody else sees its headers
    struct Entry {
        std::string key;
        std::shared_ptr<const TextBitmap> bitmap;
        std::size_t bytes;
    };

    void evict();

    std::unique_ptr<Pango> pango_;
    int describedPixels_ = 0;
    std::unordered_map<int, Metrics> metrics_;
    std::list<Entry> recent_; ///< the latest used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator>
        known_; ///< by the entries' keys
    std::size_t used_ = 0;
};

} // namespace overlay
