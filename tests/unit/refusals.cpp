#include "refusals.hpp"

#include "check.hpp"

using namespace onvif;
using namespace std::chrono_literals;

static const net::Credentials admin = {"admin", "wrong"};
static const Refusals::Clock::time_point start{1000s};

START_TEST(heldForAWhile) {
    Refusals refusals;
    ck_assert(!refusals.wait("http://a:80", admin, start));
    refusals.refused("http://a:80", admin, start);
    ck_assert(refusals.wait("http://a:80", admin, start) == Refusals::pause);
    ck_assert(refusals.wait("http://a:80", admin, start + 1ms) == Refusals::pause);
    ck_assert(refusals.wait("http://a:80", admin, start + Refusals::pause - 1s) == 1s);
    ck_assert(!refusals.wait("http://a:80", admin, start + Refusals::pause));
}
END_TEST

START_TEST(ofThisAccountHereAlone) {
    Refusals refusals;
    refusals.refused("http://a:80", admin, start);
    ck_assert(!refusals.wait("http://a:80", {"admin", "right"}, start));
    ck_assert(!refusals.wait("http://a:80", {"root", "wrong"}, start));
    ck_assert(!refusals.wait("http://a:80", {"adminwrong", ""}, start));
    ck_assert(!refusals.wait("http://b:80", admin, start));
}
END_TEST

/// One that was let in before was perhaps one connection too many.
START_TEST(shorterForWhoWasLetIn) {
    Refusals refusals;
    refusals.refused("a", admin, start);
    refusals.accepted("a", admin);
    ck_assert(!refusals.wait("a", admin, start));
    refusals.refused("a", admin, start);
    ck_assert(refusals.wait("a", admin, start) == Refusals::shortPause);
}
END_TEST

START_TEST(bounded) {
    Refusals refusals;
    for (int i = 0; i < 10000; i++)
        refusals.refused(std::to_string(i), admin, start);
    ck_assert(refusals.wait("9999", admin, start).has_value());
}
END_TEST

CHECK_MAIN("refusals", heldForAWhile, ofThisAccountHereAlone, shorterForWhoWasLetIn, bounded)
