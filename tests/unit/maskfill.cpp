#include "overlay/maskfill.hpp"

#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <random>

using overlay::Area;
using overlay::MaskFill;
using overlay::Span;

namespace {

/// A mask's value at a pixel: read between the four nearest centres, made as steep as a cell has
/// pixels. No intervals, no rows kept.
double plain(const base::Mask& mask, const Area& box, int x, int y) {
    const double cellWidth = static_cast<double>(box.width) / mask.width;
    const double cellHeight = static_cast<double>(box.height) / mask.height;
    const double u = std::clamp((x - box.x + 0.5) / cellWidth - 0.5, 0.0, mask.width - 1.0);
    const double v = std::clamp((y - box.y + 0.5) / cellHeight - 0.5, 0.0, mask.height - 1.0);
    const auto cell = [&mask](double column, double row) {
        const int c = std::min(static_cast<int>(column), mask.width - 1);
        const int r = std::min(static_cast<int>(row), mask.height - 1);
        return mask.cover[static_cast<std::size_t>(r) * mask.width + c];
    };
    const double du = u - std::floor(u), dv = v - std::floor(v);
    const double value = (cell(u, v) * (1 - du) + cell(u + 1, v) * du) * (1 - dv) +
                         (cell(u, v + 1) * (1 - du) + cell(u + 1, v + 1) * du) * dv;
    const double gain = std::clamp(std::min(cellWidth, cellHeight), 1.0, 64.0);
    return std::clamp((value - 127.5) * gain + 127.5, 0.0, 255.0);
}

struct Dice {
    std::mt19937 random{7};

    int roll(int low, int high) { return low + static_cast<int>(random() % (high - low + 1U)); }
    base::Mask mask() {
        base::Mask m{roll(1, 12), roll(1, 9), {}};
        for (int i = 0; i < m.width * m.height; i++)
            m.cover.push_back(static_cast<std::uint8_t>(roll(0, 2) ? roll(0, 1) * 255 : random()));
        return m;
    }
};

} // namespace

START_TEST(equalsPlain) {
    Dice dice;
    for (int round = 0; round < 400; round++) {
        const base::Mask mask = dice.mask();
        const Area box{dice.roll(-20, 20), dice.roll(-20, 20), dice.roll(1, 120), dice.roll(1, 60)};
        MaskFill fill(mask, box);
        for (int y = box.y; y < box.bottom(); y++) {
            std::vector<Span> spans;
            fill.addSpans(y, spans);
            const int from = box.x + dice.roll(0, box.width - 1);
            const Span part{from, dice.roll(from + 1, box.right())};
            std::vector<std::uint8_t> row(static_cast<std::size_t>(part.to - part.from), 77);
            fill.cover(y, part, row.data());
            for (int x = part.from; x < part.to; x++) {
                const double expected = plain(mask, box, x, y);
                const int got = row[static_cast<std::size_t>(x - part.from)];
                if (std::fabs(got - expected) > 0.51)
                    ck_abort_msg("round %d: %d is not %f", round, got, expected);
                const bool spanned = std::any_of(spans.begin(), spans.end(), [x](const Span& s) {
                    return x >= s.from && x < s.to;
                });
                if (got != 0 && !spanned)
                    ck_abort_msg("round %d: outside of all spans", round);
            }
        }
    }
}
END_TEST

START_TEST(whatIsEmptyHasNoBounds) {
    const base::Mask mask{2, 2, {255, 255, 255, 255}};
    ck_assert(!MaskFill(mask, {0, 0, 9, 9}).bounds().empty());
    ck_assert(MaskFill(mask, {0, 0, 0, 9}).bounds().empty());
    for (const base::Mask& wrong : {base::Mask{},
                                    {2, 2, {255}},
                                    {-2, -2, {255, 255, 255, 255}},
                                    {2000000000, 2000000000, {1}}})
        ck_assert(MaskFill(wrong, {0, 0, 9, 9}).bounds().empty());
}
END_TEST

CHECK_MAIN("maskfill", equalsPlain, whatIsEmptyHasNoBounds)
