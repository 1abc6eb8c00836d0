#include "web/framegather.hpp"

#include "check.hpp"

#include <string>

using Gather = web::FrameGather<char>;
using namespace std::chrono_literals;

namespace {

/// What comes out, a space behind each part.
struct Log {
    Gather gather;
    std::string text;
    Gather::Clock::time_point now{};

    void add(char packet, std::uint32_t timestamp, bool marker = false,
             std::chrono::milliseconds later = 0ms) {
        gather.add(packet, timestamp, marker, now += later, [this](const auto& p) { take(p); });
    }
    void take(const std::vector<char>& packets) {
        text.append(packets.begin(), packets.end());
        text += ' ';
    }
};

} // namespace

START_TEST(framesAsAWhole) {
    Log log;
    log.add('a', 1, true);
    log.add('b', 2);
    log.add('c', 2);
    ck_assert_str_eq(log.text.c_str(), "a ");
    log.add('d', 2, true);
    log.add('e', 3, true);
    ck_assert_str_eq(log.text.c_str(), "a bcd e ");
}
END_TEST

START_TEST(nothingWaitsWhereNoEndIsMarked) {
    Log log;
    for (int i = 0; i < 6; i++)
        log.add(static_cast<char>('a' + i), static_cast<std::uint32_t>(i / 2));
    ck_assert_str_eq(log.text.c_str(), "a b c d e f ");
}
END_TEST

START_TEST(aLostEndCostsOneFrame) {
    Log log;
    log.add('a', 1, true);
    log.add('b', 2); // and its end is lost
    log.add('c', 3);
    log.add('d', 3, true);
    log.add('e', 4);
    ck_assert_str_eq(log.text.c_str(), "a b c d ");
    log.add('f', 4, true);
    ck_assert_str_eq(log.text.c_str(), "a b c d ef ");
}
END_TEST

START_TEST(slowOnesInParts) {
    Log log;
    log.add('a', 1, true);
    log.add('b', 2);
    log.add('c', 2, false, 4ms);
    log.add('d', 2, false, 4ms);
    log.add('e', 2);
    ck_assert_str_eq(log.text.c_str(), "a bcd ");
    log.add('f', 2, true);
    ck_assert_str_eq(log.text.c_str(), "a bcd ef ");
}
END_TEST

START_TEST(largeOnesInParts) {
    Log log;
    log.add('a', 1, true);
    for (std::size_t i = 0; i < Gather::most + 1; i++)
        log.add('b', 2);
    ck_assert_uint_eq(log.text.size(), 2 + Gather::most + 1);
    log.gather.clear();
    log.gather.flush([&](const auto& packets) { log.take(packets); });
    ck_assert_uint_eq(log.text.size(), 2 + Gather::most + 1);
}
END_TEST

CHECK_MAIN("framegather", framesAsAWhole, nothingWaitsWhereNoEndIsMarked, aLostEndCostsOneFrame,
           slowOnesInParts, largeOnesInParts)
