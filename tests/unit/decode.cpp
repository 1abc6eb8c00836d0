#include "yolo/decode.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "fakeengine.hpp"

#include <cmath>
#include <limits>
#include <random>

using yolo::Candidate;
using yolo::Found;
using yolo::Layout;
using Kind = Layout::Kind;

namespace {

Layout layout(Kind kind, int channels, int classes) {
    Layout l;
    l.kind = kind;
    l.channels = channels;
    l.classes = classes;
    return l;
}

std::vector<Candidate> read(const Answer& a, const Layout& l, float threshold = 0.25f) {
    return yolo::decode(a.tensors(), l, 64, 32, threshold);
}

void expect(const Candidate& c, float left, float top, float right, float bottom, float score,
            int id) {
    ck_assert_float_eq_tol(c.left, left, 1e-3f);
    ck_assert_float_eq_tol(c.top, top, 1e-3f);
    ck_assert_float_eq_tol(c.right, right, 1e-3f);
    ck_assert_float_eq_tol(c.bottom, bottom, 1e-3f);
    ck_assert_float_eq_tol(c.score, score, 1e-5f);
    ck_assert_int_eq(c.classId, id);
}

/// Row `i` of an output gets `values`.
void row(Answer::Output& o, std::size_t i, const std::vector<float>& values) {
    std::copy(values.begin(), values.end(),
              o.values.begin() + static_cast<std::ptrdiff_t>(i * values.size()));
}

} // namespace

START_TEST(columns) {
    Answer a;
    auto& o = a.add("o", {1, 7, 3});
    const float values[7][3] = {{30, 0, 10},   {20, 0, 10},   {10, 0, 4},      {8, 0, 4},
                                {.1f, .2f, 0}, {.7f, .2f, 0}, {.3f, .2f, .25f}};
    for (int c = 0; c < 7; c++)
        std::copy(values[c], values[c] + 3, o.values.begin() + 3 * c);
    const auto found = read(a, layout(Kind::Columns, 7, 3));
    ck_assert_uint_eq(found.size(), 2); // the threshold itself counts
    expect(found[0], 25, 16, 35, 24, .7f, 1);
    expect(found[1], 8, 8, 12, 12, .25f, 2);
}
END_TEST

START_TEST(columnsEqualRows) {
    std::mt19937 chance(5);
    std::uniform_real_distribution<float> part(0, 1);
    const int n = 131, classes = 7, channels = 4 + classes;
    Answer columns, rows;
    auto &c = columns.add("c", {1, channels, n}), &r = rows.add("r", {1, n, channels});
    for (int i = 0; i < n; i++)
        for (int k = 0; k < channels; k++)
            c.values[k * n + i] = r.values[i * channels + k] = part(chance) * (k < 4 ? 60 : 1);
    const auto x = read(columns, layout(Kind::Columns, channels, classes), .8f);
    const auto y = read(rows, layout(Kind::Rows, channels, classes), .8f);
    ck_assert_uint_eq(x.size(), y.size());
    ck_assert_uint_gt(x.size(), 20);
    for (std::size_t i = 0; i < x.size(); i++)
        expect(x[i], y[i].left, y[i].top, y[i].right, y[i].bottom, y[i].score, y[i].classId);
}
END_TEST

START_TEST(objectness) {
    Answer a;
    auto& o = a.add("o", {1, 3, 7});
    row(o, 0, {30, 20, 10, 8, .5f, .2f, .8f});
    row(o, 1, {30, 20, 10, 8, .4f, .6f, .5f}); // 0.24
    row(o, 2, {30, 20, 10, 8, .2f, 1, 1});
    const auto found = read(a, layout(Kind::Objectness, 7, 2));
    ck_assert_uint_eq(found.size(), 1);
    expect(found[0], 25, 16, 35, 24, .4f, 1);
}
END_TEST

START_TEST(gridOfYolox) {
    // 64x32: 8x4 cells of 8, 4x2 of 16, 2x1 of 32.
    Answer a;
    auto& o = a.add("o", {1, 42, 6});
    row(o, 8 * 1 + 2, {.5f, .25f, 0, std::log(2.0f), 1, .9f}); // cell 2, 1 of 8
    row(o, 32 + 4 + 3, {0, .5f, std::log(.5f), 0, .5f, .8f});  // cell 3, 1 of 16
    row(o, 40, {.5f, .5f, 0, 0, .9f, .9f});                    // cell 0, 0 of 32
    const auto found = read(a, layout(Kind::Grid, 6, 1));
    ck_assert_uint_eq(found.size(), 3);
    expect(found[0], 20 - 4, 10 - 8, 20 + 4, 10 + 8, .9f, 0);
    expect(found[1], 48 - 4, 24 - 8, 48 + 4, 24 + 8, .4f, 0);
    expect(found[2], 0, 0, 32, 32, .81f, 0);
    o.shape[1] = 41;
    o.values.resize(41 * 6);
    try {
        read(a, layout(Kind::Grid, 6, 1));
        ck_abort_msg("41 cells were taken for 42");
    } catch (const base::Error&) {
    }
}
END_TEST

START_TEST(finishedBoxes) {
    Answer six;
    auto& o = six.add("o", {1, 3, 6});
    row(o, 0, {1, 2, 11, 22, .9f, 16});
    row(o, 1, {1, 2, 11, 22, .9f, -1});
    const auto found = read(six, layout(Kind::EndToEnd, 6, 0));
    ck_assert_uint_eq(found.size(), 1);
    expect(found[0], 1, 2, 11, 22, .9f, 16);

    Answer seven;
    row(seven.add("o", {1, 7}), 0, {0, 1, 2, 11, 22, 7, .5f});
    expect(read(seven, layout(Kind::BatchRows, 7, 0)).at(0), 1, 2, 11, 22, .5f, 7);
    Answer none;
    none.add("o", {0, 7});
    ck_assert(read(none, layout(Kind::BatchRows, 7, 0)).empty());
}
END_TEST

START_TEST(darknetRegions) {
    Answer a;
    row(a.add("a", {1, 7}), 0, {.5f, .5f, .25f, .5f, .9f, 0, .6f});
    row(a.add("b", {1, 7}), 0, {.25f, .5f, .5f, 1, .1f, .3f, 0}); // its scores are final
    Layout l = layout(Kind::Darknet, 7, 2);
    l.parts = true;
    const auto found = read(a, l);
    ck_assert_uint_eq(found.size(), 2);
    expect(found[0], 24, 8, 40, 24, .6f, 1);
    expect(found[1], 0, 0, 32, 32, .3f, 0);
}
END_TEST

START_TEST(twoOutputs) {
    Answer a;
    row(a.add("scores", {1, 2, 3}), 1, {.1f, .2f, .9f});
    row(a.add("boxes", {1, 2, 4}), 1, {1, 2, 11, 22});
    Layout l = layout(Kind::TwoOutputs, 4, 3);
    l.boxes = 1;
    const auto found = read(a, l);
    ck_assert_uint_eq(found.size(), 1);
    expect(found[0], 1, 2, 11, 22, .9f, 2);
}
END_TEST

START_TEST(turnedBoxes) {
    Answer a;
    row(a.add("o", {1, 1, 6}), 0, {30, 16, 20, 4, .9f, std::acos(0.0f)});
    Layout l = layout(Kind::Rows, 6, 1);
    l.oriented = true;
    expect(read(a, l).at(0), 28, 6, 32, 26, .9f, 0); // a quarter turn: on its end
}
END_TEST

START_TEST(rubbishIsLeftOut) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float inf = std::numeric_limits<float>::infinity();
    Answer a;
    auto& o = a.add("o", {1, 7, 6});
    row(o, 0, {nan, 20, 10, 8, 1, 1});
    row(o, 1, {30, inf, 10, 8, 1, 1});
    row(o, 2, {30, 20, inf, 8, 1, 1});
    row(o, 3, {30, 20, -5, 8, 1, 1});
    row(o, 4, {30, 20, 10, 8, nan, 1});
    row(o, 5, {30, 20, 10, 8, 1, nan});
    row(o, 6, {30, 20, 10, 0, 1, 1});
    ck_assert(read(a, layout(Kind::Objectness, 6, 1)).empty());
    for (float& v : o.values)
        v = nan;
    for (const Kind kind : {Kind::Objectness, Kind::Rows, Kind::EndToEnd})
        ck_assert(read(a, layout(kind, 6, 1), 0).empty());
    Answer columns;
    for (float& v : columns.add("o", {1, 6, 9}).values)
        v = nan;
    ck_assert(read(columns, layout(Kind::Columns, 6, 2), 0).empty());
}
END_TEST

START_TEST(anotherShapeIsAnError) {
    const auto refused = [](const Layout& l, std::vector<std::int64_t> shape) {
        Answer a;
        a.add("o", std::move(shape));
        try {
            read(a, l);
        } catch (const base::Error& error) {
            return error.kind() == base::ErrorKind::BadData;
        }
        return false;
    };
    ck_assert(refused(layout(Kind::Columns, 84, 80), {1, 83, 10}));
    ck_assert(refused(layout(Kind::Columns, 84, 80), {2, 84, 10}));
    ck_assert(refused(layout(Kind::Objectness, 85, 80), {1, 85}));
    ck_assert(refused(layout(Kind::Darknet, 85, 80), {1, 2, 85}));
    ck_assert(refused(layout(Kind::BatchRows, 7, 0), {1, 6}));
    ck_assert(refused(layout(Kind::TwoOutputs, 4, 3), {1, 2, 4}));
    Layout far = layout(Kind::Rows, 6, 2);
    far.boxes = 3;
    ck_assert(refused(far, {1, 2, 6}));
}
END_TEST

START_TEST(suppressionIsPerClass) {
    const base::Rect a{.1, .1, .4, .4}, nearA{.12, .1, .4, .4}, apart{.6, .6, .2, .2};
    const auto kept =
        yolo::suppress({{nearA, .6f, 2}, {a, .9f, 2}, {nearA, .5f, 7}, {apart, .3f, 2}}, 0.45);
    ck_assert_uint_eq(kept.size(), 3);
    ck_assert_float_eq(kept[0].score, .9f); // best first
    ck_assert_int_eq(kept[1].classId, 7);
    ck_assert_float_eq(kept[2].score, .3f);
    ck_assert_uint_eq(yolo::suppress({{nearA, .6f, 2}, {a, .9f, 2}}, 0.95).size(), 2);
    ck_assert(yolo::suppress({}, 0.5).empty());
}
END_TEST

START_TEST(suppressionLooksAtTheBestOnly) {
    std::vector<Found> many;
    for (int i = 0; i < 1000; i++)
        many.push_back({{i / 1000.0, 0, 0.0005, 1}, static_cast<float>((i * 37) % 1000) / 1000, 0});
    const auto kept = yolo::suppress(many, 0.5, 10);
    ck_assert_uint_eq(kept.size(), 10);
    ck_assert_float_eq(kept[0].score, .999f);
    ck_assert_float_eq(kept[9].score, .990f);
}
END_TEST

CHECK_MAIN("decode", columns, columnsEqualRows, objectness, gridOfYolox, finishedBoxes,
           darknetRegions, twoOutputs, turnedBoxes, rubbishIsLeftOut, anotherShapeIsAnError,
           suppressionIsPerClass, suppressionLooksAtTheBestOnly)
