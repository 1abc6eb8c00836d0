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

CHECK_MAIN("detection", overlapOfEqualIsOne, overlapOfApartIsZero, overlapOfHalves,
           clampKeepsTheVisiblePart)
