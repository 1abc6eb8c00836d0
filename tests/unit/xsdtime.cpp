#include "support/xsdtime.hpp"

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

long long ms(const std::string& duration) {
    const auto parsed = camera::xsdDuration(duration);
    return parsed ? parsed->count() : -1;
}

} // namespace

START_TEST(durations) {
    ck_assert_int_eq(ms("PT0S"), 0);
    ck_assert_int_eq(ms("PT1.5S"), 1500);
    ck_assert_int_eq(ms("PT1M"), 60000);
    ck_assert_int_eq(ms("P1DT2H3M4S"), (((24 + 2) * 60 + 3) * 60 + 4) * 1000LL);
    ck_assert_int_eq(ms("P1M"), 30 * 24 * 3600 * 1000LL);
    for (const char* wrong : {"", "P", "PT", "PTS", "PT1", "1S", "-PT1S", "PT-1S", "P2Y", "PT1S ",
                              "PT99999999999S", "P1DT", "PT1,5S", "PT1M1H"})
        ck_assert_msg(ms(wrong) == -1, "%s", wrong);
    ck_assert_int_eq(ms(std::string(100000, '1')), -1);
}
END_TEST

START_TEST(instants) {
    const camera::Instant moment(1789000000250ms);
    CHECK_STR(camera::xsdTime(moment), "2026-09-10T00:26:40.250Z");
    ck_assert(camera::xsdInstant("2026-09-10T00:26:40.250Z") == moment);
    ck_assert(camera::xsdInstant("2026-09-10T02:26:40.250+02:00") == moment);
    ck_assert(camera::xsdInstant("2026-09-10T00:26:40.25") == moment);
    ck_assert(!camera::xsdInstant("yesterday") && !camera::xsdInstant(""));
}
END_TEST

CHECK_MAIN("xsdtime", durations, instants)
