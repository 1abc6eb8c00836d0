#include "base/keyrequests.hpp"

#include "check.hpp"

using namespace std::chrono_literals;

START_TEST(keyRequestsComeTogether) {
    base::KeyRequests requests(500ms);
    const base::KeyRequests::Clock::time_point t0{};
    ck_assert(requests.wanted(t0 + 1s) == 0ms);
    ck_assert(!requests.wanted(t0 + 1s).has_value()); // one is on its way
    requests.asked(t0 + 1s);
    ck_assert(!requests.due(t0 + 1s)); // nobody waits
    ck_assert(requests.wanted(t0 + 1s + 100ms) == 400ms);
    ck_assert(!requests.wanted(t0 + 1s + 200ms).has_value());
    ck_assert(!requests.due(t0 + 1s + 499ms) && requests.due(t0 + 1s + 500ms));
    requests.asked(t0 + 1s + 500ms);
    ck_assert(requests.wanted(t0 + 3s) == 0ms);
}
END_TEST

CHECK_MAIN("keyrequests", keyRequestsComeTogether)
