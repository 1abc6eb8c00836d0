#include "overlay/painter.hpp"

#include "check.hpp"
#include "overlay/tabs.hpp"
#include "picture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

using base::Detection;
using base::Detections;
using overlay::Area;
using overlay::Painter;
using overlay::Settings;
using overlay::TabPlaces;
using std::chrono::milliseconds;

static Detections one(const Detection& object) { return {{object}, {}, "test"}; }

static const Detection person{{0.25, 0.25, 0.5, 0.5}, 0.9f, 0, "person", 0};

static Picture picture(int width = 320, int height = 240) {
    std::mt19937 random(1);
    return Picture(base::PixelFormat::RGB, width, height, 0, random);
}

static overlay::Color pixelAt(Picture& p, int x, int y) {
    return {p.byte(0, y, 3 * x), p.byte(0, y, 3 * x + 1), p.byte(0, y, 3 * x + 2), 255};
}

START_TEST(boxIsWhereTheObjectIs) {
    Settings settings;
    settings.lineWidth = 2;
    settings.labels = settings.scores = false;
    Picture drawn = picture(), before = drawn;
    Painter(settings).draw(drawn.frame(), one(person));
    const overlay::Color color = overlay::paletteColor(0);
    // The line lies on the object's edge, half a line to either side.
    for (int x = 79; x < 241; x++) {
        ck_assert(pixelAt(drawn, x, 59) == color && pixelAt(drawn, x, 60) == color);
        ck_assert(pixelAt(drawn, x, 179) == color && pixelAt(drawn, x, 180) == color);
    }
    for (int y = 59; y < 181; y++)
        ck_assert(pixelAt(drawn, 79, y) == color && pixelAt(drawn, 240, y) == color);
    for (int y = 0; y < 240; y++)
        for (int x = 0; x < 320; x++) {
            const bool inside = x > 82 && x < 237 && y > 62 && y < 177;
            const bool outside = x < 78 || x > 241 || y < 58 || y > 181;
            if (inside || outside)
                ck_assert(pixelAt(drawn, x, y) == pixelAt(before, x, y));
        }
}
END_TEST

START_TEST(tabIsAboveInColour) {
    Picture drawn = picture(), before = drawn;
    Painter().draw(drawn.frame(), one(person));
    int coloured = 0, dark = 0;
    for (int y = 45; y < 57; y++)
        for (int x = 80; x < 130; x++) {
            coloured += pixelAt(drawn, x, y) == overlay::paletteColor(0);
            dark += pixelAt(drawn, x, y).red < 60;
        }
    ck_assert_int_gt(coloured, 150);
    ck_assert_int_gt(dark, 30);
    for (int x = 0; x < 320; x++)
        ck_assert(pixelAt(drawn, x, 30) == pixelAt(before, x, 30));
}
END_TEST

/// Of a picture that a phone shows in a fifth of its size; and upright no larger.
START_TEST(tabsCanBeReadOnPhones) {
    const auto tabHeight = [](int width, int height) {
        Picture drawn = picture(width, height);
        Painter().draw(drawn.frame(), one(person));
        int rows = 0;
        for (int y = 0; y < height / 4 - 8; y++)
            rows += pixelAt(drawn, width / 4 + 4, y) == overlay::paletteColor(0);
        return rows;
    };
    const int wide = tabHeight(1920, 1080);
    ck_assert_int_ge(wide, 32);
    ck_assert_int_le(wide, 50);
    ck_assert_int_eq(tabHeight(1080, 1920), wide);
}
END_TEST

START_TEST(nothingToDrawChangesNothing) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double huge = std::numeric_limits<double>::infinity();
    Painter painter;
    Picture drawn = picture(), before = drawn;
    for (const base::Rect& box : {base::Rect{0.2, 0.2, 0, 0.1},
                                  {0.2, 0.2, -0.1, 0.1},
                                  {1.5, 0, 1, 1},
                                  {-2, 0, 1, 1},
                                  {nan, 0, 1, 1},
                                  {0, 0, huge, 1},
                                  {0, nan, 1, nan}}) {
        Detection object = person;
        object.box = box;
        ck_assert(!painter.hasWork(one(object)));
        painter.draw(drawn.frame(), one(object));
    }
    ck_assert(!painter.hasWork({}));
    painter.draw(drawn.frame(), {});
    Settings settings;
    settings.opacity = 0;
    painter.use(settings);
    ck_assert(!painter.hasWork(one(person)));
    ck_assert(drawn == before);
}
END_TEST

START_TEST(enormousBoxFramesThePicture) {
    Picture drawn = picture();
    Detection object = person;
    object.box = {-1e300, -5, 2e300, 10};
    Painter().draw(drawn.frame(), one(object));
    ck_assert(pixelAt(drawn, 0, 120) == overlay::paletteColor(0));
    ck_assert(pixelAt(drawn, 319, 120) == overlay::paletteColor(0));
    ck_assert(pixelAt(drawn, 160, 239) == overlay::paletteColor(0));
}
END_TEST

START_TEST(colourStaysWithTrackThenClass) {
    const auto lineColour = [](const Detection& object, unsigned color) {
        Settings settings;
        settings.labels = settings.scores = settings.trackIds = false;
        settings.color = color;
        Picture drawn = picture();
        Painter(settings).draw(drawn.frame(), one(object));
        return pixelAt(drawn, 160, 60);
    };
    Detection object = person;
    ck_assert(lineColour(object, 0) == overlay::paletteColor(0));
    object.trackId = 9;
    ck_assert(lineColour(object, 0) == overlay::paletteColor(9));
    ck_assert(lineColour(object, 0xFF102030U) == (overlay::Color{0x10, 0x20, 0x30, 255}));
    object.trackId = 0;
    object.classId = -1;
    const overlay::Color byName = lineColour(object, 0);
    ck_assert(lineColour(object, 0) == byName);
    object.label = "dog";
    ck_assert(!(lineColour(object, 0) == byName));
}
END_TEST

START_TEST(classesAreFiltered) {
    const auto draws = [](const char* classes) {
        Settings settings;
        settings.classes = classes;
        return Painter(settings).hasWork(one({{0, 0, 1, 1}, 1, 2, "Человек", 0}));
    };
    for (const char* list : {"", " , ", "2", "dog, 2", "человек", "ЧЕЛОВЕК,dog", "  2 "})
        ck_assert_msg(draws(list), "%s", list);
    for (const char* list : {"dog", "3", "22", "2x", "\xff"})
        ck_assert_msg(!draws(list), "%s", list);
}
END_TEST

START_TEST(oldResultsFade) {
    ck_assert_double_eq(Painter::freshness(milliseconds(0)), 1);
    ck_assert_double_eq(Painter::freshness(milliseconds(-5)), 1);
    ck_assert_double_eq(Painter::freshness(milliseconds(500)), 1);
    ck_assert_double_eq_tol(Painter::freshness(milliseconds(1250)), 0.7, 1e-9);
    ck_assert_double_eq_tol(Painter::freshness(std::chrono::hours(9)), 0.4, 1e-9);
}
END_TEST

/// What a painter with these settings changes of a noisy picture.
static std::vector<std::vector<bool>> changes(const Settings& settings, const Detection& object) {
    Picture drawn = picture(), before = drawn;
    Painter(settings).draw(drawn.frame(), one(object));
    std::vector<std::vector<bool>> changed(240, std::vector<bool>(320));
    for (int y = 0; y < 240; y++)
        for (int x = 0; x < 320; x++)
            changed[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] =
                !(pixelAt(drawn, x, y) == pixelAt(before, x, y));
    return changed;
}

static Settings nothingElse() {
    Settings s;
    s.boxes = s.labels = s.scores = s.trackIds = s.masks = s.keyPoints = false;
    s.lineWidth = 2;
    return s;
}

static int count(const std::vector<std::vector<bool>>& changed) {
    std::ptrdiff_t n = 0;
    for (const auto& row : changed)
        n += std::count(row.begin(), row.end(), true);
    return static_cast<int>(n);
}

/// The left half of the person is in its mask: there it is tinted, and nowhere else.
START_TEST(masksTintTheirPixelsAlone) {
    Detection object = person;
    object.mask = std::make_shared<base::Mask>(base::Mask{2, 1, {255, 0}});
    Settings settings = nothingElse();
    ck_assert(!Painter(settings).hasWork(one(object)));
    settings.masks = true;
    ck_assert(Painter(settings).hasWork(one(object)));
    ck_assert(!Painter(settings).hasWork(one(person)));
    const auto changed = changes(settings, object);
    for (std::size_t y = 0; y < 240; y++)
        for (std::size_t x = 0; x < 320; x++)
            if (y < 60 || y >= 180 || x < 80 || x >= 162)
                ck_assert(!changed[y][x]);
    ck_assert_int_gt(count(changed), 78 * 120 * 9 / 10); // noise may be of that colour already
    settings.maskOpacity = 0;
    ck_assert(!Painter(settings).hasWork(one(object)));
    object.mask = std::make_shared<base::Mask>(base::Mask{30000, 30000, {255}}); // is not so large
    settings.maskOpacity = 1;
    ck_assert_int_eq(count(changes(settings, object)), 0);
}
END_TEST

START_TEST(keyPointsAreDrawnWhereTheyAreSeen) {
    Detection object = person;
    object.keyPoints = {{{0.5, 0.5}, 0.9F}, {{0.3, 0.3}, 0.4F}, {{1e300, 0.5}, 1.0F}};
    Settings settings = nothingElse();
    ck_assert(!Painter(settings).hasWork(one(object)));
    settings.keyPoints = true;
    const auto changed = changes(settings, object);
    ck_assert(changed[120][160] && !changed[72][96] && !changed[120][168]);
    ck_assert_int_lt(count(changed), 80); // one dot
    settings.keyPointThreshold = 0.4;
    ck_assert(changes(settings, object)[72][96]);
    settings.keyPointThreshold = 1;
    object.keyPoints.pop_back();
    ck_assert(!Painter(settings).hasWork(one(object)));
}
END_TEST

/// Shoulders (5, 6) are joined where there are 17 points, and not where there are 16.
START_TEST(personsHaveLimbs) {
    Detection object = person;
    object.keyPoints.assign(17, {{0, 0}, 0});
    object.keyPoints[5] = {{0.4, 0.5}, 1};
    object.keyPoints[6] = {{0.6, 0.5}, 1};
    Settings settings = nothingElse();
    settings.keyPoints = true;
    auto changed = changes(settings, object);
    ck_assert(changed[120][128] && changed[120][145] && changed[120][160] && changed[120][192]);
    ck_assert(!changed[0][0]);
    object.keyPoints.pop_back();
    changed = changes(settings, object);
    ck_assert(changed[120][128] && !changed[120][145] && !changed[120][160] && changed[120][192]);
}
END_TEST

/// A square on its corner: drawn along its sides, not along the upright box around it.
START_TEST(turnedBoxesAreTurned) {
    Detection object = person;
    object.corners = {{0.5, 0.25}, {0.75, 0.5}, {0.5, 0.75}, {0.25, 0.5}};
    Settings settings = nothingElse();
    settings.boxes = true;
    auto changed = changes(settings, object);
    ck_assert(changed[60][160] && changed[120][240] && changed[180][160] && changed[120][80]);
    ck_assert(changed[90][200] && changed[150][120]); // the middles of two sides
    ck_assert(!changed[120][160] && !changed[60][80] && !changed[60][120] && !changed[120][100]);
    object.corners[2].x = std::numeric_limits<double>::quiet_NaN();
    changed = changes(settings, object);
    ck_assert(changed[60][120] && !changed[90][200]); // the upright one in its place
}
END_TEST

/// Any label on any size of frame: nothing outside the planes is touched (AddressSanitizer sees
/// it), and it ends.
START_TEST(hostileInputOnAnyFrame) {
    std::mt19937 random(3);
    Painter painter;
    for (int round = 0; round < 150; round++) {
        Picture p(allFormats[round % 7], 1 + static_cast<int>(random() % 90),
                  1 + static_cast<int>(random() % 70), static_cast<int>(random() % 9), random);
        Detections detections;
        for (int i = 0; i < 5; i++) {
            Detection d;
            const auto part = [&] { return static_cast<double>(random() % 3000) / 1000 - 1; };
            d.box = {part(), part(), part(), part()};
            for (unsigned n = random() % 60; n > 0; n--)
                d.label += static_cast<char>(random());
            d.score = round % 2 ? std::numeric_limits<float>::quiet_NaN() : 7e30f;
            d.trackId = static_cast<std::int64_t>(random()) * 1000000007;
            d.classId = static_cast<int>(random()) - 1000;
            for (unsigned n = random() % 20; n > 0; n--)
                d.keyPoints.push_back({{5 * part(), part() / part()}, 1});
            for (unsigned n = random() % 6; n > 0; n--)
                d.corners.push_back({part(), 9 * part()});
            const int columns = static_cast<int>(random() % 9),
                      rows = static_cast<int>(random() % 9);
            d.mask = std::make_shared<base::Mask>(
                base::Mask{columns, rows,
                           std::vector<std::uint8_t>(columns * rows + (random() % 8 == 0), 255)});
            detections.objects.push_back(d);
        }
        painter.draw(p.frame(), detections);
    }
}
END_TEST

START_TEST(tabsFindRoom) {
    const auto at = [](const Area& a, int x, int y) { return a.x == x && a.y == y; };
    TabPlaces places(200, 100);
    ck_assert(at(places.take({50, 40, 30, 30}, 40, 10, 2), 50, 32)); // above
    ck_assert(at(places.take({50, 40, 30, 30}, 40, 10, 2), 50, 68)); // the tab above reaches inside
    ck_assert(at(places.take({120, 3, 30, 30}, 40, 10, 2), 120, 3)); // no room above
    ck_assert(at(places.take({180, 80, 20, 20}, 40, 10, 2), 160, 72)); // kept off the right edge
    TabPlaces crowded(100, 43);
    ck_assert(at(crowded.take({20, 20, 30, 3}, 40, 20, 2), 20, 2));
    ck_assert(
        at(crowded.take({20, 20, 30, 3}, 40, 20, 2), 20, 21)); // covers one row, not two or all
    const Area large = places.take({10, 10, 5, 5}, 400, 300, 2);
    ck_assert_int_eq(large.x, 0);
    ck_assert_int_eq(large.y, 0);
}
END_TEST

CHECK_MAIN("painter", boxIsWhereTheObjectIs, tabIsAboveInColour, tabsCanBeReadOnPhones,
           nothingToDrawChangesNothing, enormousBoxFramesThePicture, colourStaysWithTrackThenClass,
           classesAreFiltered, oldResultsFade, masksTintTheirPixelsAlone,
           keyPointsAreDrawnWhereTheyAreSeen, personsHaveLimbs, turnedBoxesAreTurned,
           hostileInputOnAnyFrame, tabsFindRoom)
