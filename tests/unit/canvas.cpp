#include "overlay/canvas.hpp"

#include "check.hpp"
#include "overlay/shape.hpp"
#include "picture.hpp"

#include <cmath>
#include <functional>

using base::PixelFormat;
using overlay::Area;
using overlay::Canvas;
using overlay::Color;
using overlay::Coverage;

namespace {

/// The alpha of any pixel, in the frame or not; the plain description of a shape.
using Alphas = std::function<int(int x, int y)>;

int roundedDivision(int a, int b) { return (2 * a + b) / (2 * b); }

/// Alpha of a sample that speaks for a block of pixels.
int meanAlpha(const base::WritableFrame& f, const Alphas& shape, int x, int y, int width,
              int height) {
    int sum = 0, n = 0;
    for (int py = y; py < std::min(y + height, f.height); py++)
        for (int px = x; px < std::min(x + width, f.width); px++, n++)
            sum += shape(px, py);
    return roundedDivision(sum, n);
}

void plainBlend(std::uint8_t& byte, int alpha, int component) {
    byte = static_cast<std::uint8_t>(
        std::floor((byte * (255.0 - alpha) + static_cast<double>(component) * alpha) / 255 + 0.5));
}

void plainChroma(Picture& p, const Alphas& shape, const std::array<std::uint8_t, 3>& c) {
    const base::WritableFrame& f = p.frame();
    const int rows = f.format == PixelFormat::YUY2 ? 1 : 2; // pixels that a sample spans
    for (int y = 0; y < f.height; y += rows)
        for (int x = 0; x < f.width; x += 2) {
            const int alpha = meanAlpha(f, shape, x, y, 2, rows);
            if (f.format == PixelFormat::I420) {
                plainBlend(p.byte(1, y / 2, x / 2), alpha, c[1]);
                plainBlend(p.byte(2, y / 2, x / 2), alpha, c[2]);
            } else if (f.format == PixelFormat::NV12) {
                plainBlend(p.byte(1, y / 2, x), alpha, c[1]);
                plainBlend(p.byte(1, y / 2, x + 1), alpha, c[2]);
            } else {
                plainBlend(p.byte(0, y, 2 * x + 1), alpha, c[1]);
                plainBlend(p.byte(0, y, 2 * x + 3), alpha, c[2]);
            }
        }
}

/// Pixel by pixel, sample by sample, no clipping to get wrong: what every fast path must equal.
void plainDraw(Picture& p, const Alphas& shape, const Color& color) {
    const base::WritableFrame& f = p.frame();
    const auto c = overlay::componentsOf(color, f.format, f.matrix, f.fullRange);
    const bool bgr = f.format == PixelFormat::BGR || f.format == PixelFormat::BGRx;
    const int pixel = f.format == PixelFormat::BGR || f.format == PixelFormat::RGB ? 3 : 4;
    for (int y = 0; y < f.height; y++)
        for (int x = 0; x < f.width; x++) {
            const int alpha = shape(x, y);
            if (f.format == PixelFormat::I420 || f.format == PixelFormat::NV12)
                plainBlend(p.byte(0, y, x), alpha, c[0]);
            else if (f.format == PixelFormat::YUY2)
                plainBlend(p.byte(0, y, 2 * x), alpha, c[0]);
            else
                for (int i = 0; i < 3; i++)
                    plainBlend(p.byte(0, y, pixel * x + i), alpha, c[bgr ? 2 - i : i]);
        }
    if (f.format == PixelFormat::I420 || f.format == PixelFormat::NV12 ||
        f.format == PixelFormat::YUY2)
        plainChroma(p, shape, c);
}

bool within(const Area& a, int x, int y) {
    return x >= a.x && x < a.right() && y >= a.y && y < a.bottom();
}

struct Dice {
    std::mt19937 random{20240607};

    int roll(int low, int high) { return low + static_cast<int>(random() % (high - low + 1U)); }
    std::uint8_t byte() { return static_cast<std::uint8_t>(random()); }
    Color color() {
        const int kind = roll(0, 3);
        const std::uint8_t alpha = kind == 0 ? 0 : kind == 1 ? byte() : 255;
        return {byte(), byte(), byte(), alpha};
    }
    Area area() { return {roll(-12, 40), roll(-12, 40), roll(0, 50), roll(0, 50)}; }
    Picture picture(PixelFormat format) {
        Picture p(format, roll(1, 41), roll(1, 33), roll(0, 1) * roll(1, 19), random);
        p.frame().matrix = roll(0, 1) ? base::ColorMatrix::Bt709 : base::ColorMatrix::Bt601;
        p.frame().fullRange = roll(0, 1) == 1;
        return p;
    }
};

constexpr int rounds = 400;

} // namespace

START_TEST(fillEqualsPlain) {
    Dice dice;
    const PixelFormat format = allFormats[_i];
    for (int i = 0; i < rounds; i++) {
        Picture fast = dice.picture(format), plain = fast;
        const Area area = dice.area();
        const Color color = dice.color();
        Canvas(fast.frame()).fill(area, color);
        plainDraw(
            plain, [&](int x, int y) { return within(area, x, y) ? color.alpha : 0; }, color);
        ck_assert_msg(fast == plain, "format %d, round %d", _i, i);
    }
}
END_TEST

START_TEST(outlineEqualsPlain) {
    Dice dice;
    for (int i = 0; i < rounds; i++) {
        Picture fast = dice.picture(allFormats[_i]), plain = fast;
        const Area a = dice.area();
        const Color color = dice.color();
        const int t = dice.roll(0, 6);
        Canvas(fast.frame()).outline(a, t, color);
        const Area hole{a.x + t, a.y + t, a.width - 2 * t, a.height - 2 * t};
        const auto shape = [&](int x, int y) {
            return t > 0 && within(a, x, y) && !within(hole, x, y) ? color.alpha : 0;
        };
        plainDraw(plain, shape, color);
        ck_assert_msg(fast == plain, "format %d, round %d", _i, i);
    }
}
END_TEST

START_TEST(paintEqualsPlain) {
    Dice dice;
    for (int i = 0; i < rounds; i++) {
        Picture fast = dice.picture(allFormats[_i]), plain = fast;
        const Area a = dice.area();
        Coverage shape{a.width, a.height, {}};
        shape.values.resize(static_cast<std::size_t>(a.width) * a.height);
        for (std::uint8_t& v : shape.values)
            v = dice.roll(0, 2) ? dice.byte() : 0;
        const Color color = dice.color();
        Canvas(fast.frame()).paint(shape, a.x, a.y, color);
        const auto alphaAt = [&](int x, int y) {
            const int at = (y - a.y) * a.width + (x - a.x);
            return within(a, x, y) ? roundedDivision(shape.values[at] * color.alpha, 255) : 0;
        };
        plainDraw(plain, alphaAt, color);
        ck_assert_msg(fast == plain, "format %d, round %d", _i, i);
    }
}
END_TEST

/// Holes, and spans that touch, overlap, come in no order and reach out of the shape's bounds.
class Patches : public overlay::Shape {
public:
    explicit Patches(Dice& dice) : area_(dice.area()) {
        for (int n = dice.roll(0, 12); n > 0; n--)
            patches_.push_back({dice.area(), dice.byte()});
    }
    Area bounds() const override { return area_; }
    int at(int x, int y) const {
        int most = 0;
        for (const auto& [patch, value] : patches_)
            if (within(patch, x, y) && within(area_, x, y))
                most = std::max<int>(most, value);
        return most;
    }
    void addSpans(int y, std::vector<overlay::Span>& spans) override {
        for (const auto& [patch, value] : patches_)
            if (within(patch, patch.x, y))
                spans.push_back({patch.x, patch.right()});
    }
    void cover(int y, overlay::Span span, std::uint8_t* out) override {
        for (int x = span.from; x < span.to; x++)
            *out++ = static_cast<std::uint8_t>(at(x, y));
    }

private:
    Area area_;
    std::vector<std::pair<Area, std::uint8_t>> patches_;
};

START_TEST(shapesEqualPlain) {
    Dice dice;
    for (int i = 0; i < rounds; i++) {
        Picture fast = dice.picture(allFormats[_i]), plain = fast;
        Patches shape(dice);
        const Color color = dice.color();
        Canvas(fast.frame()).paint(shape, color);
        const auto alphaAt = [&](int x, int y) {
            return roundedDivision(shape.at(x, y) * color.alpha, 255);
        };
        plainDraw(plain, alphaAt, color);
        ck_assert_msg(fast == plain, "format %d, round %d", _i, i);
    }
}
END_TEST

START_TEST(farAwayDrawsNothing) {
    constexpr int far = 1000000000;
    Dice dice;
    Picture drawn = dice.picture(allFormats[_i]), before = drawn;
    Canvas canvas(drawn.frame());
    canvas.fill({far, far, far, far}, {1, 2, 3, 255});
    canvas.fill({-far, -far, far, far}, {1, 2, 3, 255});
    canvas.outline({-far, 3, 20, 20}, 3, {1, 2, 3, 255});
    canvas.fill({3, 3, -5, 4}, {1, 2, 3, 255});
    canvas.paint({2, 2, {255, 255, 255, 255}}, far, -far, {1, 2, 3, 255});
    ck_assert(drawn == before);
    canvas.fill({-far, -far, 2 * far, 2 * far}, {1, 2, 3, 255});
    Picture plain = before;
    plainDraw(plain, [](int, int) { return 255; }, {1, 2, 3, 255});
    ck_assert(drawn == plain);
}
END_TEST

int main() {
    Suite* suite = suite_create("canvas");
    TCase* tests = tcase_create("canvas");
    suite_add_tcase(suite, tests);
    const int formats = static_cast<int>(std::size(allFormats));
    for (const TTest* test : {fillEqualsPlain, outlineEqualsPlain, paintEqualsPlain,
                              shapesEqualPlain, farAwayDrawsNothing})
        tcase_add_loop_test(tests, test, 0, formats);
    SRunner* runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
