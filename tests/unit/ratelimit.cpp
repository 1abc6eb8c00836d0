#include "net/ratelimit.hpp"

#include "check.hpp"

using namespace std::chrono_literals;
using net::RateLimit;

static const RateLimit::Clock::time_point start{1h};

START_TEST(burstThenRate) {
    RateLimit limit(3, 0.5);
    for (int i = 0; i < 3; i++)
        ck_assert(!limit.ask("192.0.2.1", start));
    ck_assert(limit.ask("192.0.2.1", start) == 2s);
    ck_assert(!limit.ask("192.0.2.2", start));
    ck_assert(limit.wait("192.0.2.1", start + 1s) == 1s);
    ck_assert(!limit.ask("192.0.2.1", start + 2s));
    ck_assert(limit.ask("192.0.2.1", start + 2s) == 2s);
    for (int i = 0; i < 3; i++) // no more than the burst, however long it was quiet
        ck_assert(!limit.ask("192.0.2.1", start + 24h));
    ck_assert(limit.ask("192.0.2.1", start + 24h));
}
END_TEST

START_TEST(costs) {
    RateLimit limit(10, 1);
    ck_assert(!limit.ask("::1", start, 10));
    ck_assert(limit.wait("::1", start, 10) == 10s);
    ck_assert(!limit.ask("::1", start + 1s, 1));
}
END_TEST

START_TEST(neighbours) {
    CHECK_STR(net::neighbourhood("192.0.2.1"), "192.0.2.1");
    CHECK_STR(net::neighbourhood("::ffff:192.0.2.1"), "192.0.2.1");
    CHECK_STR(net::neighbourhood("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    CHECK_STR(net::neighbourhood("::1"), "::1");
    CHECK_STR(net::neighbourhood("nonsense"), "nonsense");
}
END_TEST

START_TEST(bounded) {
    RateLimit limit(1, 0.001);
    for (int i = 0; i < 20000; i++)
        ck_assert(
            !limit.ask("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256), start));
}
END_TEST

CHECK_MAIN("ratelimit", burstThenRate, costs, neighbours, bounded)
