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
        told = delay.report(now += 1s, {loss, roundTrip, jitter, 1000});
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

static int missed(PlayoutDelay& delay, std::chrono::milliseconds age, std::uint64_t sent) {
    return static_cast<int>(delay.missed(age, sent).count());
}

START_TEST(whatANewcomerAsksFor) {
    PlayoutDelay delay(0ms, 800ms);
    ck_assert(delay.isNew());
    ck_assert_int_eq(missed(delay, 105ms, 40), 60 + 105 + 2 * 120); // two of 40 are 5 %
    ck_assert_int_eq(missed(delay, 102ms, 60), 60 + 102 + 2 * 120);
    ck_assert_int_eq(missed(delay, 130ms, 400), 60 + 102 + 1 * 120); // the shortest way there was
    // Few packets say little, a report of them as well.
    const auto told = delay.report(now += 300ms, {0.003, 0ms, 0ms, 400});
    ck_assert_int_eq(static_cast<int>(told.count()), 60 + 100 + 1 * 120);
    for (int i = 0; i < 16; i++)
        missed(delay, 100ms, 400);
    ck_assert_int_eq(missed(delay, 100ms, 400), 60 + 100 + 2 * 120);
    ck_assert_int_eq(missed(delay, 100ms, 25), 60 + 100 + 2 * 120); // no more than 5 % is believed
    ck_assert_int_eq(report(delay, 1s, 0.01), 60 + 100 + 1 * 120);
}
END_TEST

START_TEST(onlyOvertaken) {
    PlayoutDelay delay(0ms, 800ms);
    missed(delay, 100ms, 40);
    ck_assert_int_eq(missed(delay, 100ms, 40), 60 + 100 + 2 * 120);
    ck_assert_int_eq(report(delay, 1s, 0.0), 0);
    ck_assert_int_eq(missed(delay, 100ms, 80), 0);
    ck_assert_int_eq(report(delay, 1s, 0.1), 60 + 100 + 2 * 120); // and now lost
}
END_TEST

START_TEST(nobodyIsNewForEver) {
    PlayoutDelay delay(0ms, 800ms);
    missed(delay, 100ms, 20);
    ck_assert_int_gt(report(delay, 1s, 0.0), 0);
    ck_assert_int_eq(report(delay, std::chrono::seconds(PlayoutDelay::enough - 1), 0.0), 0);
    ck_assert(!delay.isNew());
    ck_assert_int_eq(missed(delay, 100ms, 20), 0); // that is for reports to say
    PlayoutDelay lucky(0ms, 800ms); // what was lost first is not forgotten with the first report
    report(lucky, 1s, 0.0);
    report(lucky, std::chrono::seconds(PlayoutDelay::enough - 1), 0.06);
    ck_assert_int_eq(report(lucky, 1s, 0.05), 60 + 100 + 2 * 120);
    PlayoutDelay local(0ms, 800ms);
    ck_assert_int_eq(missed(local, 3ms, 400), 0); // it is back before it is missed
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
    ck_assert_int_eq(go(0, 0, 2), 200);
    ck_assert_int_eq(go(210, 20, 0), 11);
}
END_TEST

START_TEST(stoodStillAnyway) {
    DelaySlope slope;
    slope.skip(100, 400);
    ck_assert_int_eq(slope.now(), 50); // frames before the next one will be as late
    slope.skip(1000, 400);
    ck_assert_int_eq(slope.now(), 400);
    slope.skip(100, 400); // that is over
    slope.skip(-5, -5);
    ck_assert_int_eq(slope.now(), 400);
    ck_assert_int_eq(slope.at(7, 400), 400);
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

CHECK_MAIN("playoutdelay", nothingLostNothingWaitedFor, upAtOnce, whatANewcomerAsksFor,
           onlyOvertaken, nobodyIsNewForEver, nextDoor, beforeTheRoundTripIsKnown, downSlowly,
           within, attemptsForWhatIsLost, noJumpAlongTheStream, stoodStillAnyway, holesAndStepsBack)
