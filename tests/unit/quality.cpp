#include "web/quality.hpp"

#include "check.hpp"

using web::QualityChooser;
using namespace std::chrono_literals;

static QualityChooser::Clock::time_point now{};

/// Reports once a second for that long; returns what is shown then.
static std::size_t report(QualityChooser& chooser, std::chrono::seconds time, double loss,
                          std::chrono::milliseconds roundTrip = 40ms) {
    for (auto t = 0s; t < time; t += 1s)
        chooser.report(now += 1s, loss, roundTrip);
    return chooser.index();
}

START_TEST(aBurstIsNoReason) {
    QualityChooser chooser(3);
    for (int i = 0; i < 20; i++) {
        ck_assert_uint_eq(report(chooser, 2s, 0.5), 0);
        ck_assert_uint_eq(report(chooser, 1s, 0.0), 0);
    }
    ck_assert_uint_eq(report(chooser, 100s, 0.05), 0); // retransmission copes
}
END_TEST

START_TEST(downStepByStepAndUpAgain) {
    QualityChooser chooser(3);
    ck_assert_uint_eq(report(chooser, 4s, 0.2), 1);
    ck_assert_uint_eq(report(chooser, 4s, 0.2), 2);
    ck_assert_uint_eq(report(chooser, 60s, 0.2), 2); // there is no smaller one
    ck_assert_uint_eq(report(chooser, 60s, 0.05), 2);
    ck_assert_uint_eq(report(chooser, 16s, 0.0), 1);
    ck_assert_uint_eq(report(chooser, 14s, 0.01), 1);
    ck_assert_uint_eq(report(chooser, 2s, 0.0), 0);
    ck_assert_uint_eq(report(chooser, 100s, 0.0), 0);
}
END_TEST

START_TEST(queuesCountAsLoss) {
    QualityChooser chooser(2);
    ck_assert_uint_eq(report(chooser, 5s, 0.0, 300ms), 0); // a long way is no queue
    ck_assert_uint_eq(report(chooser, 5s, 0.0, 650ms), 0);
    ck_assert_uint_eq(report(chooser, 4s, 0.0, 750ms), 1);
    ck_assert_uint_eq(report(chooser, 40s, 0.0, 750ms), 1);
    ck_assert_uint_eq(report(chooser, 16s, 0.0, 310ms), 0);
}
END_TEST

START_TEST(whatFailedOnceIsTriedLater) {
    QualityChooser chooser(2, 1);
    ck_assert_uint_eq(report(chooser, 16s, 0.0), 0);
    ck_assert_uint_eq(report(chooser, 4s, 0.3), 1); // one too many
    ck_assert_uint_eq(report(chooser, 20s, 0.0), 1);
    ck_assert_uint_eq(report(chooser, 11s, 0.0), 0);
    ck_assert_uint_eq(report(chooser, 4s, 0.3), 1);
    ck_assert_uint_eq(report(chooser, 55s, 0.0), 1);
    ck_assert_uint_eq(report(chooser, 10s, 0.0), 0);
    ck_assert_uint_eq(report(chooser, 300s, 0.0), 0); // that one held
    ck_assert_uint_eq(report(chooser, 4s, 0.3), 1);
    ck_assert_uint_eq(report(chooser, 16s, 0.0), 0);
}
END_TEST

START_TEST(oneSizeIsNoChoice) {
    QualityChooser chooser(1);
    ck_assert_uint_eq(report(chooser, 60s, 0.9), 0);
    ck_assert_uint_eq(report(chooser, 60s, 0.0), 0);
}
END_TEST

CHECK_MAIN("quality", aBurstIsNoReason, downStepByStepAndUpAgain, queuesCountAsLoss,
           whatFailedOnceIsTriedLater, oneSizeIsNoChoice)
