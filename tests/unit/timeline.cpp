#include "timeline.hpp"

#include "check.hpp"

#include <limits>

using retry::Timeline;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t second = 1000000000;

std::int64_t at(Timeline& timeline, std::int64_t stamp, std::int64_t now) {
    return timeline.place(stamp, Timeline::Time(now)).at.count();
}

} // namespace

/// A publisher that has been at it for an hour begins now, and keeps its intervals however its
/// packets come.
START_TEST(keepsIntervals) {
    Timeline timeline;
    const std::int64_t hour = 3600 * second;
    ck_assert_int_eq(at(timeline, hour, 5 * second), 5 * second);
    ck_assert_int_eq(at(timeline, hour + 40, 5 * second + 900), 5 * second + 40);
    ck_assert_int_eq(at(timeline, hour + 80, 5 * second + 901), 5 * second + 80);
    ck_assert_int_eq(at(timeline, hour - 20, 5 * second + 902),
                     5 * second - 20); // the other stream's
}
END_TEST

/// The next connection begins now, whatever its own time, and never before what there was.
START_TEST(connectionsFollow) {
    Timeline timeline;
    at(timeline, 0, second);
    ck_assert_int_eq(at(timeline, second / 2, second), second + second / 2); // a burst
    timeline.begin();
    ck_assert_int_eq(at(timeline, 77, second + 10), second + second / 2);
    timeline.begin();
    ck_assert_int_eq(at(timeline, -second, 60 * second), 60 * second);
}
END_TEST

START_TEST(jumpsArePutRight) {
    Timeline timeline;
    at(timeline, 100 * second, 10 * second);
    for (const std::int64_t stamp : {std::int64_t(0), 500 * second, std::int64_t(0)}) {
        const auto place = timeline.place(stamp, 11s);
        ck_assert(place.jumped && place.at == 11s);
    }
    const auto next = timeline.place(40, 11s);
    ck_assert(!next.jumped && next.at == 11s + 40ns);
}
END_TEST

START_TEST(noStampIsNow) {
    Timeline timeline;
    ck_assert(timeline.place(std::nullopt, 3s).at == 3s);
    ck_assert_int_eq(at(timeline, 7, 4 * second), 4 * second);
    ck_assert(timeline.place(std::nullopt, 5s).at == 5s);
    ck_assert_int_eq(at(timeline, 8, 6 * second), 4 * second + 1);
}
END_TEST

/// Stamps are whatever the network says.
START_TEST(anyStampIsBounded) {
    using Limits = std::numeric_limits<std::int64_t>;
    Timeline timeline;
    std::int64_t now = 0;
    for (const std::int64_t stamp :
         {Limits::max(), Limits::min(), Limits::max() - 1, std::int64_t(0), Limits::min() + 1,
          Limits::max() / 2, std::int64_t(-1)}) {
        now += second / 10;
        const std::int64_t place = at(timeline, stamp, now);
        ck_assert_int_ge(place, 0);
        ck_assert_int_le(place, now + second);
    }
}
END_TEST

CHECK_MAIN("timeline", keepsIntervals, connectionsFollow, jumpsArePutRight, noStampIsNow,
           anyStampIsBounded)
