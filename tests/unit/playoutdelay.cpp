#include "web/playoutdelay.hpp"

#include "check.hpp"

#include <algorithm>
#include <cstdlib>

using web::DelaySlope;
using web::PlayoutDelay;
using namespace std::chrono_literals;

static PlayoutDelay::Clock::time_point now{};

/// Reports once a second for that long; milliseconds that come of it.
static int report(PlayoutDelay& delay, std::chrono::seconds time, double loss,
                  std::chrono::milliseconds roundTrip = 100ms,
                  std::chrono::milliseconds jitter = 0ms) {
    std::chrono::milliseconds told{-1};
    for (auto t = 0s; t < time; t += 1s)
        told = delay.report(now += 1s, {loss, roundTrip, jitter});
    return static_cast<int>(told.count());
}

START_TEST(nothingLostNothingWaitedFor) {
    PlayoutDelay delay(0ms, 800ms);
    ck_assert_int_eq(report(delay, 100s, 0.0, 500ms, 30ms), 0);
    ck_assert_int_eq(report(delay, 100s, 0.001), 0);
    PlayoutDelay boxes(200ms, 800ms);
    ck_assert_int_eq(report(boxes, 10s, 0.0), 200);
}
END_TEST

START_TEST(upAtOnce) {
    PlayoutDelay delay(0ms, 800ms);
    // Three attempts, each 120 ms after the one before.
    ck_assert_int_eq(report(delay, 1s, 0.05), 60 + 100 + 2 * 120);
    ck_assert_int_eq(report(delay, 10s, 0.05), 60 + 100 + 2 * 120);
    // Of what is new, half counts at first.
    ck_assert_int_eq(report(delay, 1s, 0.09), 60 + 100 + 3 * 120);
    ck_assert_int_eq(report(delay, 10s, 0.10), 60 + 100 + 4 * 120);
    ck_assert_int_eq(report(delay, 1s, 0.10, 140ms, 10ms), 60 + 100 + 20 + 4 * 120); // by chance?
    ck_assert_int_eq(report(delay, 1s, 0.10, 140ms, 10ms), 60 + 140 + 20 + 4 * 120);
}
END_TEST

START_TEST(nextDoor) {
    PlayoutDelay delay(0ms, 800ms);
    ck_assert_int_eq(report(delay, 10s, 0.005, 10ms), 0); // it is back before it is missed
    ck_assert_int_eq(report(delay, 10s, 0.03, 10ms), 60 + 10 + 2 * 120);
}
END_TEST

START_TEST(beforeTheRoundTripIsKnown) {
    PlayoutDelay delay(0ms, 800ms);
    ck_assert_int_eq(report(delay, 1s, 0.05, 0ms), 60 + 100 + 2 * 120);
    ck_assert_int_eq(report(delay, 9s, 0.05, 20ms), 60 + 20 + 2 * 120);
}
END_TEST

START_TEST(downSlowly) {
    PlayoutDelay delay(0ms, 800ms);
    const int high = report(delay, 10s, 0.05);
    ck_assert_int_eq(report(delay, 5s, 0.0), high);
    const int later = report(delay, 25s, 0.0);
    ck_assert_int_lt(later, high);
    ck_assert_int_gt(later, 0);
    ck_assert_int_eq(report(delay, 60s, 0.0), 0);
}
END_TEST

START_TEST(within) {
    PlayoutDelay delay(0ms, 300ms);
    ck_assert_int_eq(report(delay, 60s, 1.0, 5000ms, 5000ms), 300);
    ck_assert_int_eq(report(delay, 1s, 7.0), 300);
    PlayoutDelay fixed(500ms, 0ms);
    ck_assert_int_eq(report(fixed, 10s, 0.2), 500);
    PlayoutDelay raised(400ms, 800ms);
    ck_assert_int_eq(report(raised, 10s, 0.01), 400); // is enough for that
    ck_assert_int_gt(report(raised, 10s, 0.2), 400);
}
END_TEST

START_TEST(attemptsForWhatIsLost) {
    ck_assert_int_eq(PlayoutDelay::attempts(0.0), 0);
    ck_assert_int_eq(PlayoutDelay::attempts(0.004), 1);
    ck_assert_int_eq(PlayoutDelay::attempts(0.02), 2);
    ck_assert_int_eq(PlayoutDelay::attempts(0.05), 3);
    ck_assert_int_eq(PlayoutDelay::attempts(0.1), 5);
    ck_assert_int_eq(PlayoutDelay::attempts(1.0), 10);
    for (double loss = 0; loss < 1; loss += 0.001)
        ck_assert_int_le(PlayoutDelay::attempts(loss), PlayoutDelay::attempts(loss + 0.001));
}
END_TEST

/// No frame (25 a second) is later or earlier than it should be by more than that part of 40 ms.
START_TEST(noJumpAlongTheStream) {
    DelaySlope slope;
    std::uint32_t timestamp = 0xfffff000; // wraps around soon
    int at = slope.at(timestamp, 0);
    ck_assert_int_eq(at, 0);
    const auto go = [&](int target, int up, int down) {
        int frames = 0;
        for (; at != target && frames < 10000; frames++) {
            const int next = slope.at(timestamp += 3600, target);
            ck_assert_int_le(next - at, up);
            ck_assert_int_le(at - next, down);
            ck_assert_int_eq(slope.at(timestamp, target), next); // all of the frame's packets
            at = next;
        }
        return frames;
    };
    ck_assert_int_eq(go(400, 20, 0), 20);
    ck_assert_int_eq(go(0, 0, 1), 499);
    ck_assert_int_eq(go(210, 20, 0), 11);
}
END_TEST

START_TEST(holesAndStepsBack) {
    DelaySlope slope(100);
    ck_assert_int_eq(slope.at(5000, 800), 100);
    ck_assert_int_eq(slope.at(4000, 800), 100);   // another stream's
    ck_assert_int_eq(slope.at(900000, 800), 600); // no more than a second's worth
    ck_assert_int_eq(slope.at(0x80900000, 800), 600);
}
END_TEST

CHECK_MAIN("playoutdelay", nothingLostNothingWaitedFor, upAtOnce, nextDoor,
           beforeTheRoundTripIsKnown, downSlowly, within, attemptsForWhatIsLost,
           noJumpAlongTheStream, holesAndStepsBack)
