#include "overlay/lines.hpp"

#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <random>

using overlay::Area;
using overlay::Lines;
using overlay::Span;
using Place = Lines::Place;

namespace {

double distance(const Place& a, const Place& b, double x, double y) {
    const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    const double along =
        length > 0 ? std::clamp(((x - a.x) * dx + (y - a.y) * dy) / length, 0.0, 1.0) : 0;
    return std::hypot(x - a.x - along * dx, y - a.y - along * dy);
}

/// Every line is measured from every pixel.
double plain(const std::vector<std::pair<Place, Place>>& lines, double radius, double hole, int x,
             int y) {
    double nearest = 1e9;
    for (const auto& [a, b] : lines)
        nearest = std::min(nearest, distance(a, b, x + 0.5, y + 0.5));
    const auto inside = [nearest](double edge) {
        return std::clamp(edge + 0.5 - nearest, 0.0, 1.0);
    };
    return 255 * (inside(radius) - (hole > 0 ? inside(hole) : 0));
}

} // namespace

START_TEST(equalsPlain) {
    std::mt19937 random(11);
    const auto between = [&random](double low, double high) {
        return low + (high - low) * static_cast<double>(random() % 10001) / 10000;
    };
    for (int round = 0; round < 48; round++) {
        const double radius = between(0.3, 6), hole = round % 3 == 0 ? radius * 0.6 : 0;
        Lines fast(radius, hole);
        std::vector<std::pair<Place, Place>> lines;
        for (int n = round % 6; n >= 0; n--) {
            const Place a{between(-20, 70), between(-20, 60)};
            Place b{between(-20, 70), between(-20, 60)};
            if (n == 1)
                b = a; // a dot
            if (n == 2)
                b.y = a.y;
            if (n == 3)
                b.x = a.x;
            lines.emplace_back(a, b);
            fast.add(a, b);
        }
        const Area bounds = fast.bounds();
        for (int y = -30; y < 70; y++) {
            std::vector<Span> spans;
            fast.addSpans(y, spans);
            std::vector<std::uint8_t> row(110);
            fast.cover(y, {-30, 80}, row.data());
            for (int x = -30; x < 80; x++) {
                const double expected = plain(lines, radius, hole, x, y);
                const int got = row[static_cast<std::size_t>(x + 30)];
                ck_assert_msg(std::fabs(got - expected) <= 1, "round %d: %d is not %f", round, got,
                              expected);
                const bool spanned = std::any_of(spans.begin(), spans.end(), [x](const Span& s) {
                    return x >= s.from && x < s.to;
                });
                const bool bounded =
                    x >= bounds.x && x < bounds.right() && y >= bounds.y && y < bounds.bottom();
                if (got != 0 && !(spanned && bounded))
                    ck_abort_msg("round %d: %d, %d", round, x, y);
            }
        }
    }
}
END_TEST

/// What a line costs is what lies on it.
START_TEST(spansStayNearTheLine) {
    Lines diagonal(2);
    diagonal.add({0, 0}, {1900, 1000});
    long pixels = 0;
    for (int y = 0; y < 1080; y++) {
        std::vector<Span> spans;
        diagonal.addSpans(y, spans);
        for (const Span& s : spans)
            pixels += s.to - s.from;
    }
    ck_assert_int_lt(pixels, 1000 * 25);
    ck_assert(Lines(3).bounds().empty());
}
END_TEST

START_TEST(farAwayIsNoTrouble) {
    Lines lines(2);
    lines.add({-900000, 5}, {900000, 6});
    std::vector<Span> spans;
    lines.addSpans(5, spans);
    ck_assert_uint_eq(spans.size(), 1);
    std::vector<std::uint8_t> row(100);
    lines.cover(5, {0, 100}, row.data());
    ck_assert(std::all_of(row.begin(), row.end(), [](std::uint8_t v) { return v == 255; }));
}
END_TEST

CHECK_MAIN("lines", equalsPlain, spansStayNearTheLine, farAwayIsNoTrouble)
