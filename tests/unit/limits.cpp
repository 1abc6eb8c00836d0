// Thresholds for all classes and for some.
#include "yolo/limits.hpp"

#include "base/error.hpp"
#include "check.hpp"

namespace {
const std::vector<std::string> names = {"person", "car", "traffic light"};
}

START_TEST(oneForAll) {
    yolo::Settings s;
    s.threshold = 0.5;
    const auto limits = yolo::limitsOf(s, names, 3);
    ck_assert(limits.take(0, .5f) && !limits.take(0, .49f) && limits.take(2, .6f));
    ck_assert_float_eq(limits.least(), .5f);
}
END_TEST

START_TEST(someOfTheirOwn) {
    yolo::Settings s;
    s.threshold = 0.5;
    s.thresholds = "CAR=0.2, traffic light = 0.9,0=0.7";
    const auto limits = yolo::limitsOf(s, names, 3);
    ck_assert(limits.take(1, .2f) && !limits.take(2, .89f) && !limits.take(0, .6f));
    ck_assert_float_eq_tol(limits.least(), .2f, 1e-6f);
    ck_assert(limits.take(7, .5f)); // beyond those that were named
}
END_TEST

START_TEST(onlySomeClasses) {
    yolo::Settings s;
    s.classes = "car";
    s.thresholds = "person=0.01";
    const auto limits = yolo::limitsOf(s, names, 3);
    ck_assert(limits.take(1, .3f) && !limits.take(0, .9f));
}
END_TEST

START_TEST(whatIsNone) {
    for (const char* text : {"car", "car=", "car=1.5", "car=-1", "car=x", "horse=0.5", "car=0.5x",
                             "=0.5x", "car=nan"}) {
        yolo::Settings s;
        s.thresholds = text;
        try {
            yolo::limitsOf(s, names, 3);
            ck_abort_msg("%s was taken", text);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == base::ErrorKind::Settings);
        }
    }
}
END_TEST

CHECK_MAIN("limits", oneForAll, someOfTheirOwn, onlySomeClasses, whatIsNone)
