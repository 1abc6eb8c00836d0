#include "overlay/font.hpp"

#include "check.hpp"
#include "overlay/label.hpp"

#include <algorithm>
#include <numeric>

using overlay::Font;
using overlay::printable;
using overlay::TextBitmap;

static long inkOf(const TextBitmap& b) {
    return std::accumulate(b.coverage.values.begin(), b.coverage.values.end(), 0L);
}

static void assertPrintable(const std::string& given, const char* expected) {
    const std::string shown = printable(given, 20);
    ck_assert_str_eq(shown.c_str(), expected);
}

START_TEST(goodNamesStay) {
    for (const char* name : {"person", "người đi bộ", "Пешеход", "犬", "حافلة", "a\u200cb", "🚗"})
        assertPrintable(name, name);
}
END_TEST

START_TEST(hostileNamesAreTamed) {
    assertPrintable("", "");
    assertPrintable("a\xff\xfe\xfd"
                    "b",
                    "a\uFFFDb");                        // not UTF-8
    assertPrintable("a\xc3", "a\uFFFD");                // cut short
    assertPrintable("\xed\xa0\x80x", "\uFFFDx");        // a surrogate
    assertPrintable("\xc0\xafx", "\uFFFDx");            // overlong
    assertPrintable("a\r\n\t\x1b[31mb\x7f", "a [31mb"); // a terminal's controls
    assertPrintable(std::string("a\0b", 3), "a b");
    assertPrintable("\u202Eevil\u202C \u2066x", "evil x"); // direction overrides
    assertPrintable("\u2028\u00a0  ", "");
    assertPrintable("aaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa…");
    assertPrintable("ộộộộộộộộộộộộộộộộộộộộ", "ộộộộộộộộộộộộộộộộộộộộ");
}
END_TEST

START_TEST(randomBytesAreTamed) {
    unsigned seed = 1;
    for (int round = 0; round < 2000; round++) {
        std::string junk;
        for (int i = 0; i < 60; i++) {
            seed = seed * 1664525 + 1013904223;
            junk += static_cast<char>(seed >> 24);
        }
        const std::string shown = printable(junk, 20);
        ck_assert_uint_le(shown.size(), 21 * 4);
        for (const char c : shown)
            ck_assert(static_cast<unsigned char>(c) >= ' ' && c != 0x7f);
        ck_assert(printable(shown, 21) == shown);
    }
}
END_TEST

/// Each script makes ink of its own: the same text in a font without it would be equal empty boxes.
START_TEST(scriptsAreShaped) {
    Font font("Sans");
    const auto a = font.draw("người", 24, 1000), b = font.draw("nguoi", 24, 1000);
    const auto c = font.draw("Ж", 24, 1000), d = font.draw("Я", 24, 1000);
    ck_assert_int_gt(inkOf(*a), inkOf(*b));
    ck_assert(c->coverage.values != d->coverage.values);
    ck_assert_int_gt(inkOf(*c), 0);
    // Arabic letters join: together they are not what they are one by one.
    const auto joined = font.draw("حا", 24, 1000), h = font.draw("ح", 24, 1000),
               alef = font.draw("ا", 24, 1000);
    ck_assert_int_lt(inkOf(*joined), inkOf(*h) + inkOf(*alef));
}
END_TEST

START_TEST(sizesFollow) {
    Font font("Sans");
    const auto small = font.draw("Hg", 12, 1000), large = font.draw("Hg", 48, 1000);
    ck_assert_int_gt(large->coverage.height, 3 * small->coverage.height);
    ck_assert_int_gt(large->advance, 3 * small->advance);
    ck_assert_int_gt(font.metrics(48).ascent, 3 * font.metrics(12).ascent);
    ck_assert_int_eq(font.describedPixels(), 0);
    ck_assert_int_eq(Font("Sans Bold 12").describedPixels(), 16);
    ck_assert_int_eq(Font("Sans 20px").describedPixels(), 20);
    ck_assert_int_eq(Font("Sans 99999").describedPixels(), Font::maxPixels);
    ck_assert_int_eq(Font(" \xff nonsense,,, -3px").describedPixels() > Font::maxPixels, 0);
}
END_TEST

START_TEST(bitmapsAreBounded) {
    Font font("Sans");
    std::string pile = "a"; // a hundred marks on one letter
    for (int i = 0; i < 100; i++)
        pile += "\u0301";
    const auto line = font.metrics(20);
    ck_assert_int_le(font.draw(pile, 20, 200)->coverage.height, 3 * (line.ascent + line.descent));
    const std::string wide(500, 'W');
    const auto cut = font.draw(wide, 20, 200);
    ck_assert_int_le(cut->advance, 200);
    ck_assert_int_le(cut->coverage.width, 240);
    ck_assert_int_gt(inkOf(*cut), 0);
    ck_assert_int_eq(font.draw("", 20, 200)->advance, 0);
    ck_assert_int_gt(inkOf(*font.draw("a", -5, -5)), 0);
    font.draw("a", 1 << 30, 1 << 30);
}
END_TEST

START_TEST(cacheKeepsAndForgets) {
    Font font("Sans");
    const auto first = font.draw("first", 20, 1000);
    ck_assert_ptr_eq(font.draw("first", 20, 1000).get(), first.get());
    ck_assert_ptr_ne(font.draw("first", 21, 1000).get(), first.get());
    for (int i = 0; font.cachedBytes() + 40000 < Font::cacheBytes; i++)
        font.draw("filler " + std::to_string(i), 60, 1000);
    ck_assert_ptr_eq(font.draw("first", 20, 1000).get(), first.get()); // used, so it is recent
    for (int i = 0; i < 20; i++)
        font.draw("more " + std::to_string(i), 60, 1000);
    ck_assert_uint_le(font.cachedBytes(), Font::cacheBytes);
    ck_assert_ptr_eq(font.draw("first", 20, 1000).get(), first.get());
    for (int i = 0; i < 2000; i++)
        font.draw("flood " + std::to_string(i), 60, 1000);
    ck_assert_uint_le(font.cachedBytes(), Font::cacheBytes);
    ck_assert_ptr_ne(font.draw("first", 20, 1000).get(), first.get()); // `first` outlives its entry
    ck_assert_int_gt(inkOf(*first), 0);
}
END_TEST

CHECK_MAIN("font", goodNamesStay, hostileNamesAreTamed, randomBytesAreTamed, scriptsAreShaped,
           sizesFollow, bitmapsAreBounded, cacheKeepsAndForgets)
