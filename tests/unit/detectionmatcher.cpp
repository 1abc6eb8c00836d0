#include "web/detectionmatcher.hpp"

#include "check.hpp"

#include <utility>

namespace {

constexpr std::int64_t ms = 1'000'000;

/// What was told of which frame: source of the detections and RTP timestamp.
struct Told {
    std::vector<std::pair<std::string, std::uint32_t>> all;
    web::DetectionMatcher matcher{
        [this](const base::Detections& found, std::uint32_t rtp, const web::Moment&) {
            all.emplace_back(found.source, rtp);
        }};
};

base::Detections by(const char* source) {
    base::Detections found;
    found.source = source;
    return found;
}

} // namespace

START_TEST(eachFrameOnce) {
    Told told;
    for (const std::uint32_t rtp : {100U, 100U, 100U, 200U, 200U}) // packets
        if (told.matcher.isWanted(rtp, {rtp * ms, -1}))
            told.matcher.inFrame(by("own"));
    ck_assert_uint_eq(told.all.size(), 2);
    ck_assert_uint_eq(told.all[1].second, 200);
}
END_TEST

START_TEST(aboutAnotherStreamsFrames) {
    Told told;
    told.matcher.isWanted(100, {100 * ms, -1});
    told.matcher.isWanted(140, {140 * ms, -1});
    ck_assert(told.matcher.elsewhere(by("late"), {101 * ms, -1}));
    ck_assert(told.matcher.elsewhere(by("early"), {181 * ms, -1}));
    ck_assert_uint_eq(told.all.size(), 1);
    ck_assert_uint_eq(told.all[0].second, 100);
    told.matcher.isWanted(180, {180 * ms, -1});
    ck_assert_uint_eq(told.all.size(), 2);
    CHECK_STR(told.all[1].first, "early");
    ck_assert_uint_eq(told.all[1].second, 180);
    ck_assert(!told.matcher.elsewhere(by("of yesterday"), {9000 * ms, -1}));
}
END_TEST

/// A picture five times as rare as what is found: of its answers the nearest stays, whatever the
/// order.
START_TEST(theNearestIsTold) {
    Told told;
    told.matcher.isWanted(100, {100 * ms, -1});
    told.matcher.isWanted(300, {300 * ms, -1});
    for (const int when : {160, 110, 175})
        ck_assert(told.matcher.elsewhere(by("one"), {when * ms, -1}));
    ck_assert_uint_eq(told.all.size(), 2); // the first until a nearer one was known
    ck_assert_uint_eq(told.all[1].second, 100);
    ck_assert(told.matcher.elsewhere(by("another"), {170 * ms, -1})); // another detector
    ck_assert_uint_eq(told.all.size(), 3);
}
END_TEST

/// Of a stream that was looked at before it was encoded, what rides on its frames is the truth:
/// there they may have been drawn already.
START_TEST(whatRidesOnTheFrameIsNearest) {
    Told told;
    ck_assert(told.matcher.elsewhere(by("one"), {100 * ms, -1})); // before its frame
    ck_assert(told.matcher.isWanted(100, {100 * ms, -1}));
    told.matcher.inFrame(by("one"));
    const std::size_t before = told.all.size();
    ck_assert(told.matcher.elsewhere(by("one"), {100 * ms, -1}));
    ck_assert_uint_eq(told.all.size(), before);
    ck_assert(told.matcher.elsewhere(by("another"), {100 * ms, -1}));
    ck_assert_uint_eq(told.all.size(), before + 1);
}
END_TEST

START_TEST(aPictureThatNeverComes) {
    Told told;
    for (std::size_t i = 0; i < web::DetectionMatcher::capacity; i++)
        ck_assert(told.matcher.elsewhere(by("waiting"), {100 * ms, -1}));
    ck_assert(!told.matcher.elsewhere(by("one too many"), {100 * ms, -1}));
    told.matcher.clear();
    told.matcher.isWanted(100, {100 * ms, -1});
    ck_assert(told.all.empty());
}
END_TEST

CHECK_MAIN("detectionmatcher", eachFrameOnce, aboutAnotherStreamsFrames, theNearestIsTold,
           whatRidesOnTheFrameIsNearest, aPictureThatNeverComes)
