#include "replayextension.hpp"

#include "check.hpp"

#include <array>

using onvif::readReplayMark;

/// 2026-01-31T12:00:00.25Z: seconds since 1900, a quarter of 2^32.
static const std::array<std::uint8_t, 12> quarter = {0xED, 0x27, 0x8F, 0xC0, 0x40, 0,
                                                     0,    0,    0xA0, 7,    0,    0};

START_TEST(marksAreRead) {
    const auto mark = readReplayMark(0xABAC, quarter.data(), quarter.size());
    ck_assert(mark.has_value());
    ck_assert_uint_eq(mark->ntp, 0xED278FC0ULL * 1000000000 + 250000000);
    ck_assert(mark->cleanPoint && mark->discontinuity && !mark->endOfSection && !mark->last);
    ck_assert_uint_eq(mark->cseq, 7);
    CHECK_STR(onvif::exactUtcText(onvif::fromNtpNanoseconds(
                  onvif::ntpNanoseconds(onvif::UtcTime(std::chrono::milliseconds(1769860800250))))),
              "2026-01-31T12:00:00.250Z");
}
END_TEST

START_TEST(othersAreNot) {
    std::array<std::uint8_t, 12> unknown = quarter;
    unknown.fill(0xFF);
    ck_assert(!readReplayMark(0xABAC, unknown.data(), unknown.size()));
    ck_assert(!readReplayMark(0xABAD, quarter.data(), quarter.size()));
    ck_assert(!readReplayMark(0xABAC, quarter.data(), 8));
    ck_assert(!readReplayMark(0xABAC, nullptr, 12));
    ck_assert(!readReplayMark(0xABAC, quarter.data(), 0));
}
END_TEST

CHECK_MAIN("replayextension", marksAreRead, othersAreNot)
