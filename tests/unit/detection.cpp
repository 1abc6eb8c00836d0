#include "base/detection.hpp"
#include "check.hpp"

START_TEST(overlapOfEqualIsOne) {
    const base::Rect r{0.1, 0.2, 0.3, 0.4};
    ck_assert_double_eq_tol(base::overlap(r, r), 1, 1e-12);
}
END_TEST

START_TEST(overlapOfApartIsZero) {
    ck_assert_double_eq(base::overlap({0, 0, 0.1, 0.1}, {0.5, 0.5, 0.1, 0.1}), 0);
    ck_assert_double_eq(base::overlap({}, {}), 0);
}
END_TEST

START_TEST(overlapOfHalves) {
    // Two unit squares that share a half: 0.5 / 1.5.
    ck_assert_double_eq_tol(base::overlap({0, 0, 1, 1}, {0.5, 0, 1, 1}), 1.0 / 3, 1e-12);
}
END_TEST

START_TEST(clampKeepsTheVisiblePart) {
    const base::Rect r = base::clampToFrame({-0.1, 0.9, 0.3, 0.3});
    ck_assert_double_eq_tol(r.x, 0, 1e-12);
    ck_assert_double_eq_tol(r.width, 0.2, 1e-12);
    ck_assert_double_eq_tol(r.height, 0.1, 1e-12);
    ck_assert_double_eq(base::clampToFrame({2, 2, 1, 1}).area(), 0);
}
END_TEST

/// Nothing reaches past the frame, however the sums of the parts round.
START_TEST(wholePixelsStayWithinTheFrame) {
    const base::PixelRect r = base::wholePixels({0.3, 0.3, 0.7, 0.7}, 5, 5);
    ck_assert(r.x == 2 && r.y == 2 && r.width == 3 && r.height == 3);
    for (const int size : {1, 2, 3, 7, 1919})
        for (const double at : {-9.0, 0.0, 0.3, 0.5, 0.9999, 1.0, 9.0})
            for (const double side : {0.0, 1e-9, 0.5, 0.7, 99.0}) {
                const base::PixelRect p = base::wholePixels({at, at, side, side}, size, size);
                ck_assert(p.x >= 0 && p.width >= 1 && p.x + p.width <= size);
                ck_assert(p.y >= 0 && p.height >= 1 && p.y + p.height <= size);
            }
}
END_TEST

CHECK_MAIN("detection", overlapOfEqualIsOne, overlapOfApartIsZero, overlapOfHalves,
           clampKeepsTheVisiblePart, wholePixelsStayWithinTheFrame)
