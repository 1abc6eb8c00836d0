// The motors, on a clock of the test's own.
#include "support/ptz.hpp"

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

const camera::Axis::Time start{1h};

void assertNear(double actual, double expected) { ck_assert_double_eq_tol(actual, expected, 1e-6); }

} // namespace

START_TEST(axisRuns) {
    camera::Axis axis(-1, 1, 0, 0.5);
    ck_assert(!axis.moving(start));
    axis.run(0.5, start);
    assertNear(axis.at(start + 1s), 0.25);
    ck_assert(axis.moving(start + 3900ms) && !axis.moving(start + 4s));
    assertNear(axis.at(start + 1h), 1); // to its limit
    axis.run(-1, start + 1h, start + 1h + 1s);
    assertNear(axis.at(start + 2h), 0.5); // until it was told to
    axis.run(-3, start + 2h);             // no faster than it can
    assertNear(axis.at(start + 2h + 1s), 0);
    axis.stop(start + 2h + 1s);
    assertNear(axis.at(start + 3h), 0);
}
END_TEST

START_TEST(axisGoes) {
    camera::Axis axis(-1, 1, 0, 0.5);
    axis.goTo(-0.5, start);
    assertNear(axis.at(start + 500ms), -0.25);
    ck_assert(axis.moving(start + 999ms) && !axis.moving(start + 1s));
    assertNear(axis.at(start + 1h), -0.5);
    axis.goTo(7, start + 1h);
    assertNear(axis.at(start + 2h), 1);
    axis.goTo(1, start + 2h);
    ck_assert(!axis.moving(start + 2h)); // it is there
    axis.goTo(0, start + 2h, 0.5);
    assertNear(axis.at(start + 2h + 2s), 0.5);
}
END_TEST

START_TEST(movesTogether) {
    camera::Ptz ptz;
    ptz.run({0.5, -0.5, {}}, start, 1s);
    ck_assert(ptz.panTiltMoves(start + 500ms) && !ptz.zoomMoves(start + 500ms));
    assertNear(ptz.position(start + 1h).pan, 0.25);
    assertNear(ptz.position(start + 1h).tilt, -0.25);
    ptz.goTo({{}, {}, 0.8}, {1, 1, 1}, start + 1h);
    ck_assert(ptz.zoomMoves(start + 1h) && !ptz.panTiltMoves(start + 1h));
    ptz.stop(true, false, start + 1h + 1s);
    ck_assert(ptz.zoomMoves(start + 1h + 1s));
    ptz.stop(false, true, start + 1h + 1s);
    assertNear(ptz.position(start + 2h).zoom, 0.5);
    ptz.goBy({-0.25, {}, -1}, {1, 1, 1}, start + 2h);
    assertNear(ptz.position(start + 3h).pan, 0);
    assertNear(ptz.position(start + 3h).tilt, -0.25);
    assertNear(ptz.position(start + 3h).zoom, 0);
}
END_TEST

START_TEST(places) {
    camera::Ptz ptz;
    ck_assert_uint_eq(ptz.presets().size(), 2);
    ptz.goTo({0.3, 0.2, 0.1}, {1, 1, 1}, start);
    const auto token = ptz.setPreset("", "Gate", start + 1h);
    ck_assert(token.has_value());
    CHECK_STR(ptz.presets().at(*token).name, "Gate");
    ptz.setHome(start + 1h);
    ck_assert(ptz.goToPreset("preset1", {1, 1, 1}, start + 1h));
    assertNear(ptz.position(start + 2h).pan, -0.5);
    ck_assert(ptz.goToPreset(*token, {1, 1, 1}, start + 2h));
    assertNear(ptz.position(start + 3h).pan, 0.3);
    assertNear(ptz.position(start + 3h).zoom, 0.1);
    ptz.goTo({0.9, 0.9, 0.9}, {1, 1, 1}, start + 3h);
    ck_assert(ptz.setPreset(*token, "", start + 4h) == token); // moved, and still "Gate"
    CHECK_STR(ptz.presets().at(*token).name, "Gate");
    assertNear(ptz.presets().at(*token).position.pan, 0.9);
    ptz.goHome({1, 1, 1}, start + 4h);
    assertNear(ptz.position(start + 5h).pan, 0.3);
    ck_assert(ptz.removePreset(*token) && !ptz.removePreset(*token));
    ck_assert(!ptz.goToPreset(*token, {1, 1, 1}, start));
    ck_assert(!ptz.setPreset("unknown", "x", start));
    while (ptz.presets().size() < camera::Ptz::mostPresets)
        ck_assert(ptz.setPreset("", "", start).has_value());
    ck_assert(!ptz.setPreset("", "", start));
}
END_TEST

CHECK_MAIN("cameramotors", axisRuns, axisGoes, movesTogether, places)
