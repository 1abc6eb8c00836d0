#include "web/sentpackets.hpp"

#include "check.hpp"

#include <memory>

using Sent = web::SentPackets<int>;
using namespace std::chrono_literals;

static const Sent::Clock::time_point start{};

/// -1: nothing to send.
static int take(Sent& sent, unsigned sequence, Sent::Clock::time_point now) {
    const auto found = sent.take(static_cast<std::uint16_t>(sequence), now);
    return found ? found->packet : -1;
}

START_TEST(whatIsMissingComesAgain) {
    Sent sent;
    ck_assert_int_eq(take(sent, 0, start), -1);
    for (unsigned i = 65500; i < 65600; i++) // wraps around
        sent.add(static_cast<std::uint16_t>(i), static_cast<int>(i), start);
    for (unsigned i = 65500; i < 65600; i++)
        ck_assert_int_eq(take(sent, i, start + 50ms), static_cast<int>(i));
    ck_assert_int_eq(take(sent, 65499, start + 50ms), -1);
    ck_assert_int_eq(take(sent, 65600, start + 50ms), -1);
    ck_assert_int_eq(take(sent, 65500 + Sent::least, start + 50ms), -1); // the same place
}
END_TEST

START_TEST(howLateItIsMissed) {
    Sent sent;
    sent.add(7, 70, start);
    const auto first = sent.take(7, start + 40ms), again = sent.take(7, start + 90ms);
    ck_assert(first && first->age == 40ms && !first->before);
    ck_assert(again && again->age == 90ms && again->before);
    sent.add(7, 71, start + 100ms);
    ck_assert(!sent.take(7, start + 110ms)->before);
}
END_TEST

START_TEST(notForEver) {
    Sent sent;
    sent.add(7, 70, start);
    ck_assert_int_eq(take(sent, 7, start + Sent::kept), 70);
    ck_assert_int_eq(take(sent, 7, start + Sent::kept + 1ms), -1);
}
END_TEST

START_TEST(noFlood) {
    Sent sent;
    sent.add(7, 70, start);
    ck_assert_int_eq(take(sent, 7, start), 70);
    ck_assert_int_eq(take(sent, 7, start + 9ms), -1);
    auto now = start;
    unsigned count = 1;
    for (int i = 0; i < 100; i++)
        count += take(sent, 7, now += Sent::soonest) == 70;
    ck_assert_uint_eq(count, Sent::times);
    sent.add(7, 71, now); // another, much later
    ck_assert_int_eq(take(sent, 7, now), 71);
}
END_TEST

START_TEST(asMuchRoomAsItTakes) {
    Sent slow;
    auto now = start;
    for (unsigned i = 0; i < 10000; i++)
        slow.add(static_cast<std::uint16_t>(i), 1, now += 20ms);
    ck_assert_uint_eq(slow.room(), Sent::least);
    Sent fast;
    for (unsigned i = 0; i < 10000; i++)
        fast.add(static_cast<std::uint16_t>(i), static_cast<int>(i), now += 1ms);
    ck_assert_uint_eq(fast.room(), 2048);
    for (unsigned i = 8500; i < 10000; i++)
        ck_assert_int_eq(take(fast, i, now), static_cast<int>(i));
    Sent same;
    for (int i = 0; i < 100; i++)
        same.add(5, i, now);
    ck_assert_uint_eq(same.room(), Sent::least);
    Sent flood;
    for (unsigned i = 0; i < 100000; i++)
        flood.add(static_cast<std::uint16_t>(i), static_cast<int>(i), now);
    ck_assert_uint_eq(flood.room(), Sent::most);
    ck_assert_int_eq(take(flood, 99999, now), 99999);
    ck_assert_int_eq(take(flood, 100000 - Sent::most, now), 100000 - static_cast<int>(Sent::most));
}
END_TEST

START_TEST(letsGoOfThem) {
    const auto packet = std::make_shared<int>(1);
    web::SentPackets<std::shared_ptr<int>> sent;
    for (unsigned i = 0; i < 2 * Sent::least; i++)
        sent.add(static_cast<std::uint16_t>(i), packet, start + i * 1s);
    ck_assert_int_le(packet.use_count(), 1 + static_cast<long>(Sent::least));
}
END_TEST

CHECK_MAIN("sentpackets", whatIsMissingComesAgain, howLateItIsMissed, notForEver, noFlood,
           asMuchRoomAsItTakes, letsGoOfThem)
