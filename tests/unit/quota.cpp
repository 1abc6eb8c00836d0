#include "quota.hpp"

#include "check.hpp"

using namespace onvif;

static net::SocketAddress host(int number) {
    return *net::SocketAddress::parse(
        "10.0." + std::to_string(number / 256) + "." + std::to_string(number % 256), 3702);
}

/// From the 1024th host on nobody new is heard, and who was heard still is.
START_TEST(knownHostsStay) {
    Quota quota;
    const Quota::Clock::time_point now{std::chrono::hours(1)};
    for (int i = 0; i < 1024; i++)
        ck_assert(quota.admit(host(i), 100, now));
    ck_assert(!quota.admit(host(1024), 100, now));
    ck_assert(quota.admit(host(0), 100, now) && quota.admit(host(1023), 100, now));
    ck_assert(quota.admit(host(1024), 100, now + std::chrono::seconds(10)));
}
END_TEST

START_TEST(aQuarterForOne) {
    Quota quota;
    const Quota::Clock::time_point now{std::chrono::hours(1)};
    int admitted = 0;
    for (int i = 0; i < 8192; i++)
        admitted += quota.admit(host(1), 100, now);
    ck_assert_int_eq(admitted, 2048);
    ck_assert(quota.admit(host(2), 100, now) && !quota.spent());
}
END_TEST

CHECK_MAIN("quota", knownHostsStay, aQuarterForOne)
