#include "web/frametimes.hpp"

#include "check.hpp"

using Answer = web::FrameTimes::Answer;

static constexpr std::int64_t ms = 1'000'000;

/// 25 frames a second, the first at one second of running time.
static web::FrameTimes film(unsigned frames, std::int64_t ntp = -1, std::uint32_t first = 0) {
    web::FrameTimes times;
    for (unsigned i = 0; i < frames; i++)
        times.add(first + i * 3600, {1000 * ms + i * 40 * ms, ntp < 0 ? -1 : ntp + i * 40 * ms});
    return times;
}

START_TEST(nearestByArrival) {
    const auto times = film(10);
    for (const auto& [at, rtp] : {std::pair{1000, 0U}, {1019, 0U}, {1021, 3600U}, {1200, 18000U}}) {
        const auto match = times.find({at * ms, -1});
        ck_assert(match.answer == Answer::Found);
        ck_assert_uint_eq(match.rtp, rtp);
    }
}
END_TEST

START_TEST(whatIsYetToCome) {
    const auto times = film(10);
    ck_assert(times.find({1365 * ms, -1}).answer == Answer::Found); // as good as the last one's
    ck_assert(times.find({1379 * ms, -1}).answer == Answer::Later); // perhaps the next one's
    ck_assert(times.find({2361 * ms, -1}).answer == Answer::Never);
    ck_assert(web::FrameTimes().find({1000 * ms, -1}).answer == Answer::Later);
}
END_TEST

START_TEST(whatIsLongGone) {
    const auto times = film(1000);
    ck_assert(times.find({1000 * ms, -1}).answer == Answer::Never);
    ck_assert(times.find({}).answer == Answer::Never); // no clock knows when
}
END_TEST

START_TEST(theCamerasClockIsBelieved) {
    // The small stream came in 60 ms later than the large one; the camera says that it is the same.
    const auto times = film(10, 5'000'000 * ms);
    const auto match = times.find({1180 * ms, 5'000'120 * ms});
    ck_assert(match.answer == Answer::Found);
    ck_assert_uint_eq(match.rtp, 3 * 3600);
    ck_assert_uint_eq(times.find({1180 * ms, -1}).rtp, 18000 - 3600); // without: by arrival
}
END_TEST

START_TEST(twoClocksInOneCamera) {
    const auto times = film(10, 5'000'000 * ms);
    const auto match = times.find({1200 * ms, 7'000'000 * ms});
    ck_assert(match.answer == Answer::Found);
    ck_assert_uint_eq(match.rtp, 18000);
}
END_TEST

START_TEST(timestampsWrap) {
    const auto times = film(10, -1, 4294967295U - 3599U);
    ck_assert_uint_eq(times.find({1000 * ms, -1}).rtp, 4294963696U);
    ck_assert_uint_eq(times.find({1040 * ms, -1}).rtp, 0);
}
END_TEST

CHECK_MAIN("frametimes", nearestByArrival, whatIsYetToCome, whatIsLongGone,
           theCamerasClockIsBelieved, twoClocksInOneCamera, timestampsWrap)
