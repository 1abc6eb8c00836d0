#include "support/precision.hpp"

#include "check.hpp"

using Found = Precision::Found;
using Truth = Precision::Truth;

namespace {

const base::Rect here{0, 0, 10, 10}, there{50, 0, 10, 10}, nowhere{200, 200, 5, 5};

} // namespace

START_TEST(allFound) {
    Precision p;
    p.addPicture({{here, 1}, {there, 2}}, {{here, 1, 0.9}, {there, 2, 0.3}});
    ck_assert_double_eq_tol(p.mean(), 1, 1e-9);
}
END_TEST

START_TEST(halfFound) {
    Precision p;
    p.addPicture({{here, 1}, {there, 1}}, {{here, 1, 0.9}});
    ck_assert_double_eq_tol(p.at(0.5), 51 / 101.0, 1e-9); // recalls 0 to 0.50
}
END_TEST

START_TEST(wrongOnesCostByTheirScore) {
    Precision after, before;
    after.addPicture({{here, 1}}, {{here, 1, 0.9}, {nowhere, 1, 0.5}});
    before.addPicture({{here, 1}}, {{here, 1, 0.5}, {nowhere, 1, 0.9}});
    ck_assert_double_eq_tol(after.at(0.5), 1, 1e-9);
    ck_assert_double_eq_tol(before.at(0.5), 0.5, 1e-9);
    Precision twice; // the second of the same is wrong
    twice.addPicture({{here, 1}, {there, 1}}, {{here, 1, 0.9}, {here, 1, 0.8}, {there, 1, 0.7}});
    ck_assert_double_eq_tol(twice.at(0.5), (51 + 50 * 2 / 3.0) / 101, 1e-9);
}
END_TEST

START_TEST(overlapDecides) {
    Precision p;
    p.addPicture({{here, 1}}, {{{0, 0, 10, 7}, 1, 0.9}}); // 0.7
    ck_assert_double_eq_tol(p.at(0.7), 1, 1e-9);
    ck_assert_double_eq_tol(p.at(0.75), 0, 1e-9);
    ck_assert_double_eq_tol(p.mean(), 0.5, 1e-9);
}
END_TEST

START_TEST(somePassedOver) {
    Precision p;
    p.addPicture(
        {{here, 1}, {there, 1, false, true}, {{100, 0, 50, 50}, 1, true, false}},
        {{here, 1, 0.5}, {there, 1, 0.9}, {{110, 10, 5, 5}, 1, 0.9}, {{120, 10, 5, 5}, 1, 0.8}});
    ck_assert_double_eq_tol(p.mean(), 1, 1e-9);
    Precision none;
    none.addPicture({{there, 3, false, true}}, {{here, 1, 0.9}});
    ck_assert_double_eq(none.at(0.5), -1);
}
END_TEST

CHECK_MAIN("precision", allFound, halfFound, wrongOnesCostByTheirScore, overlapDecides,
           somePassedOver)
