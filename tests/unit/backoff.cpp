#include "net/backoff.hpp"

#include "check.hpp"

using net::Backoff;
using std::chrono::milliseconds;

static const auto never = [] { return 0.0; };
static const auto almostAll = [] { return 0.9999999; };

/// Doubles from the shortest to the bound, and a random part of up to the half is left out.
START_TEST(growsToItsBound) {
    Backoff high(milliseconds(500), milliseconds(30000), almostAll);
    Backoff low(milliseconds(500), milliseconds(30000), never);
    for (const int whole : {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000}) {
        const auto longest = high.next(true).count(), shortest = low.next(true).count();
        ck_assert_int_ge(longest, whole - 1);
        ck_assert_int_le(longest, whole);
        ck_assert_int_eq(shortest, whole / 2);
    }
    high.reset();
    ck_assert_int_le(high.next(true).count(), 500);
}
END_TEST

/// A camera that is off is knocked at often enough to be back soon after it is.
START_TEST(knocksWhereNothingAnswers) {
    Backoff backoff(milliseconds(500), milliseconds(30000), almostAll);
    for (int i = 0; i < 100; i++)
        ck_assert_int_le(backoff.next(false).count(), Backoff::knock.count());
    // What was learnt of its silence is not lost on its refusal.
    ck_assert_int_gt(backoff.next(true).count(), 29000);
}
END_TEST

START_TEST(oddSettings) {
    Backoff nothing(milliseconds(0), milliseconds(0), never);
    Backoff reversed(milliseconds(4000), milliseconds(100), almostAll);
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_ge(nothing.next(i % 2).count(), 0);
        ck_assert_int_le(nothing.next(i % 2).count(), 1);
        ck_assert_int_le(reversed.next(i % 2).count(), 4000);
        ck_assert_int_ge(reversed.next(i % 2).count(), 3999);
    }
}
END_TEST

CHECK_MAIN("backoff", growsToItsBound, knocksWhereNothingAnswers, oddSettings)
