#include "refusals.hpp"

#include "check.hpp"

#include <atomic>
#include <thread>
#include <vector>

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
    refusals.refused("a", admin, start); // twice is no want of connections
    ck_assert(refusals.wait("a", admin, start) == Refusals::pause);
}
END_TEST

/// Quirk A5: a dozen started together with the wrong password are one wrong login.
START_TEST(oneTriesForAllA5) {
    Refusals refusals;
    std::atomic<int> tries{0};
    std::vector<std::thread> elements;
    for (int i = 0; i < 12; i++)
        elements.emplace_back([&] {
            const auto turn = refusals.turn("a", admin, net::Cancel());
            if (refusals.wait("a", admin))
                return;
            tries++;
            std::this_thread::sleep_for(5ms); // the exchange
            refusals.refused("a", admin);
        });
    for (auto& element : elements)
        element.join();
    ck_assert_int_eq(tries, 1);
}
END_TEST

START_TEST(whoWaitsForATurn) {
    Refusals refusals;
    auto held = refusals.turn("a", admin, net::Cancel());
    const auto other = refusals.turn("b", admin, net::Cancel()); // is not kept
    net::Cancel cancel;
    bool cancelled = false;
    std::thread waiting([&] {
        try {
            const auto mine = refusals.turn("a", admin, cancel);
        } catch (const net::Cancelled&) {
            cancelled = true;
        }
    });
    cancel.cancel();
    waiting.join();
    ck_assert(cancelled);
    std::thread next([&] { const auto mine = refusals.turn("a", admin, net::Cancel()); });
    held = {}; // it came to nothing: the next may try
    next.join();
    held = refusals.turn("a", admin, net::Cancel());
    refusals.accepted("a", admin);
    const auto known = refusals.turn("a", admin, net::Cancel());
}
END_TEST

START_TEST(bounded) {
    Refusals refusals;
    for (int i = 0; i < 10000; i++)
        refusals.refused(std::to_string(i), admin, start);
    ck_assert(refusals.wait("9999", admin, start).has_value());
}
END_TEST

CHECK_MAIN("refusals", heldForAWhile, ofThisAccountHereAlone, shorterForWhoWasLetIn,
           oneTriesForAllA5, whoWaitsForATurn, bounded)
