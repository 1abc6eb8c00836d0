#include "overlay/color.hpp"

#include "check.hpp"

#include <cmath>

using base::ColorMatrix;
using base::PixelFormat;
using overlay::Color;
using overlay::componentsOf;

static void assertComponents(const Color& color, ColorMatrix matrix, bool fullRange, int y, int u,
                             int v) {
    for (const PixelFormat format : {PixelFormat::I420, PixelFormat::NV12, PixelFormat::YUY2}) {
        const auto c = componentsOf(color, format, matrix, fullRange);
        ck_assert_int_eq(c[0], y);
        ck_assert_int_eq(c[1], u);
        ck_assert_int_eq(c[2], v);
    }
}

/// Colour bars' values as the recommendations and JFIF give them.
START_TEST(knownComponents) {
    const Color red{255, 0, 0, 255}, blue{0, 0, 255, 255}, white{255, 255, 255, 255};
    assertComponents(red, ColorMatrix::Bt601, false, 81, 90, 240);
    assertComponents(red, ColorMatrix::Bt709, false, 63, 102, 240);
    assertComponents(red, ColorMatrix::Bt601, true, 76, 85, 255);
    assertComponents(blue, ColorMatrix::Bt601, false, 41, 240, 110);
    assertComponents(blue, ColorMatrix::Bt709, false, 32, 240, 118);
    assertComponents(white, ColorMatrix::Bt709, false, 235, 128, 128);
    assertComponents(white, ColorMatrix::Bt601, true, 255, 128, 128);
    const auto rgb = componentsOf({10, 20, 30, 0}, PixelFormat::BGRx, ColorMatrix::Bt709, false);
    ck_assert_int_eq(rgb[0], 10);
    ck_assert_int_eq(rgb[2], 30);
}
END_TEST

/// CIELAB of sRGB (D65): a yardstick that did not make the palette.
struct Lab {
    double l, a, b;
};
static Lab labOf(const Color& c) {
    const auto linear = [](int byte) {
        const double v = byte / 255.0;
        return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    const double r = linear(c.red), g = linear(c.green), b = linear(c.blue);
    const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
    const double x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    const double y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const double z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}
static double difference(const Color& a, const Color& b) {
    const Lab x = labOf(a), y = labOf(b);
    return std::sqrt((x.l - y.l) * (x.l - y.l) + (x.a - y.a) * (x.a - y.a) +
                     (x.b - y.b) * (x.b - y.b));
}

/// A difference of 2.3 is just noticeable; small boxes in a moving picture need several times that.
START_TEST(paletteIsWellApart) {
    for (unsigned i = 0; i < 12; i++)
        for (unsigned j = 0; j < i; j++)
            ck_assert_double_ge(difference(overlay::paletteColor(i), overlay::paletteColor(j)), 20);
    for (unsigned i = 0; i < 80; i++)
        for (unsigned j = 0; j < i; j++)
            ck_assert_double_ge(difference(overlay::paletteColor(i), overlay::paletteColor(j)), 3);
}
END_TEST

START_TEST(paletteIsStable) {
    ck_assert(overlay::paletteColor(7) == overlay::paletteColor(7 + overlay::paletteSize));
    ck_assert_int_eq(overlay::paletteColor(UINT64_MAX).alpha, 255);
}
END_TEST

/// WCAG 2.1 asks a contrast ratio of 4.5 of text.
START_TEST(textIsReadable) {
    const auto luminance = [](const Color& c) { return std::pow((labOf(c).l + 16) / 116, 3); };
    for (unsigned i = 0; i < overlay::paletteSize; i++) {
        const Color ground = overlay::paletteColor(i);
        const double a = luminance(ground), b = luminance(overlay::readableOn(ground));
        ck_assert_double_ge((std::max(a, b) + 0.05) / (std::min(a, b) + 0.05), 4.5);
    }
    ck_assert_int_eq(overlay::readableOn({0, 0, 120, 255}).red, 255);
    ck_assert_int_lt(overlay::readableOn({250, 250, 0, 255}).red, 32);
}
END_TEST

START_TEST(argbOrder) {
    ck_assert(overlay::colorOf(0x11223344U) == (Color{0x22, 0x33, 0x44, 0x11}));
}
END_TEST

CHECK_MAIN("color", knownComponents, paletteIsWellApart, paletteIsStable, textIsReadable, argbOrder)
