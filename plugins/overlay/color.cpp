#include "overlay/color.hpp"

#include <algorithm>
#include <cmath>

namespace overlay {

namespace {

constexpr double pi = 3.14159265358979323846;

struct Linear {
    double red, green, blue;

    bool inGamut() const {
        const auto fits = [](double c) { return c >= -1e-4 && c <= 1 + 1e-4; };
        return fits(red) && fits(green) && fits(blue);
    }
};

/// Oklab to linear sRGB: Björn Ottosson, "A perceptual color space for image processing" (2020).
Linear fromOklch(double lightness, double chroma, double hue) {
    const double a = chroma * std::cos(hue);
    const double b = chroma * std::sin(hue);
    const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

/// IEC 61966-2-1.
std::uint8_t encode(double linear) {
    const double c = std::clamp(linear, 0.0, 1.0);
    const double coded = c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
    return static_cast<std::uint8_t>(std::lround(255 * coded));
}

double decode(std::uint8_t coded) {
    const double c = coded / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(const Color& c) {
    return 0.2126 * decode(c.red) + 0.7152 * decode(c.green) + 0.0722 * decode(c.blue);
}

/// Hues step by the golden angle, so that any first n of them lie far apart on the circle. Hues
/// that come close again do so after 8, 13 or 21 steps; three lightnesses in turn part the first
/// two.
Color mix(unsigned n) {
    constexpr double firstHue = 25 * pi / 180; // a red: the class that most networks number 0
    const double goldenAngle = pi * (3 - std::sqrt(5.0));
    constexpr double lightnesses[] = {0.68, 0.80, 0.60};
    const double lightness = lightnesses[n % 3];
    const double hue = firstHue + n * goldenAngle;
    double chroma = 0.20;
    Linear rgb = fromOklch(lightness, chroma, hue);
    for (; !rgb.inGamut() && chroma > 0; chroma -= 0.005)
        rgb = fromOklch(lightness, chroma, hue);
    return {encode(rgb.red), encode(rgb.green), encode(rgb.blue), 255};
}

std::uint8_t rounded(double value) {
    return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

bool isRgb(base::PixelFormat format) {
    return format == base::PixelFormat::BGR || format == base::PixelFormat::RGB ||
           format == base::PixelFormat::BGRx || format == base::PixelFormat::RGBx;
}

} // namespace

Color colorOf(std::uint32_t argb) {
    const auto byte = [argb](int shift) { return static_cast<std::uint8_t>(argb >> shift); };
    return {byte(16), byte(8), byte(0), byte(24)};
}

Color paletteColor(std::uint64_t n) {
    static const auto palette = [] {
        std::array<Color, paletteSize> colors;
        for (unsigned i = 0; i < paletteSize; i++)
            colors[i] = mix(i);
        return colors;
    }();
    return palette[n % paletteSize];
}

Color readableOn(const Color& background) {
    constexpr Color dark{0, 0, 0, 255}, light{255, 255, 255, 255};
    const auto contrast = [](double a, double b) {
        return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
    };
    const double l = luminance(background);
    return contrast(l, luminance(dark)) >= contrast(l, luminance(light)) ? dark : light;
}

std::array<std::uint8_t, 3> componentsOf(const Color& color, base::PixelFormat format,
                                         base::ColorMatrix matrix, bool fullRange) {
    if (isRgb(format))
        return {color.red, color.green, color.blue};
    // Kr and Kb of BT.601-7 section 2.5.1 and BT.709-6 item 3.2; quantisation of item 3.4 there, or
    // JFIF's for full range.
    const double kr = matrix == base::ColorMatrix::Bt709 ? 0.2126 : 0.299;
    const double kb = matrix == base::ColorMatrix::Bt709 ? 0.0722 : 0.114;
    const double r = color.red / 255.0, g = color.green / 255.0, b = color.blue / 255.0;
    const double y = kr * r + (1 - kr - kb) * g + kb * b;
    const double u = (b - y) / (2 * (1 - kb));
    const double v = (r - y) / (2 * (1 - kr));
    if (fullRange)
        return {rounded(255 * y), rounded(128 + 255 * u), rounded(128 + 255 * v)};
    return {rounded(16 + 219 * y), rounded(128 + 224 * u), rounded(128 + 224 * v)};
}

} // namespace overlay
