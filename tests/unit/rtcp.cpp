#include "web/rtcp.hpp"

#include "check.hpp"

#include <vector>

using namespace std::chrono_literals;
using web::ReportBlock;
using Bytes = std::vector<std::uint8_t>;

static void put32(Bytes& bytes, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

static void putBlock(Bytes& bytes, std::uint32_t ssrc, std::uint32_t lost) {
    for (const std::uint32_t word : {ssrc, lost, 0x00012345u, 450u, 0x12348000u, 0x00018000u})
        put32(bytes, word);
}

/// A receiver report of two streams, and a goodbye.
static Bytes compound() {
    Bytes bytes = {0x82, 201, 0, 13};
    put32(bytes, 1);
    putBlock(bytes, 0xcafe, 0x40000010);
    putBlock(bytes, 0xbeef, 0x00ffffff);
    bytes.insert(bytes.end(), {0x81, 203, 0, 1, 0, 0, 0, 1});
    return bytes;
}

START_TEST(reportsOfAllStreams) {
    const Bytes bytes = compound();
    const auto reports = web::readReports(bytes.data(), bytes.size());
    ck_assert_uint_eq(reports.size(), 2);
    ck_assert_uint_eq(reports[0].ssrc, 0xcafe);
    ck_assert_uint_eq(reports[0].highest, 0x12345);
    ck_assert_int_eq(reports[0].lost, 16);
    ck_assert_uint_eq(reports[0].jitter, 450);
    ck_assert_uint_eq(reports[1].ssrc, 0xbeef);
    ck_assert_int_eq(reports[1].lost, -1);
}
END_TEST

START_TEST(reportsOfSenders) {
    Bytes bytes = {0x81, 200, 0, 12};
    for (std::uint32_t word = 1; word <= 6; word++)
        put32(bytes, word);
    putBlock(bytes, 7, 0);
    const auto reports = web::readReports(bytes.data(), bytes.size());
    ck_assert_uint_eq(reports.size(), 1);
    ck_assert_uint_eq(reports[0].ssrc, 7);
}
END_TEST

START_TEST(roundTrip) {
    const Bytes bytes = compound();
    const ReportBlock block = web::readReports(bytes.data(), bytes.size())[0];
    // Sent at 0x1234.8, held for 1.5 s; here at 0x1236.1 of NTP's seconds, cut to 16 bits.
    const std::uint64_t second = (std::uint64_t{2208988800} & ~0xffffu) + 0x10000 + 0x1236;
    const auto now = std::chrono::seconds(second - 2208988800) + 62500us;
    ck_assert_int_eq(block.roundTrip(now).count(), 62);
    ck_assert_int_eq(block.roundTrip(now - 70ms).count(), 0); // before it was sent
    ck_assert_int_eq(block.roundTrip(now - 62500us).count(), 1);
    ck_assert_int_eq(ReportBlock().roundTrip(now).count(), 0);
}
END_TEST

static web::LossMeter::Clock::time_point now{};

static double measure(web::LossMeter& meter, std::chrono::milliseconds later, int lost,
                      std::uint32_t highest) {
    ReportBlock report;
    report.lost = lost;
    report.highest = highest;
    return meter.take(now += later, report).value_or(-1);
}

START_TEST(lossOfASecond) {
    web::LossMeter meter;
    ck_assert_double_eq(measure(meter, 1s, 3, 900), -1); // where it begins
    ck_assert_double_eq(measure(meter, 150ms, 5, 960), -1);
    ck_assert_double_eq(measure(meter, 100ms, 8, 1000), 0.02); // 5 in two reports
    ck_assert_double_eq(measure(meter, 500ms, 8, 1060), -1);   // from now on a second
    ck_assert_double_eq(measure(meter, 500ms, 8, 1100), 0.03); // the other three
    ck_assert_double_eq(measure(meter, 1000ms, 8, 1200), 0);
    ck_assert_double_eq(measure(meter, 1000ms, 8, 1200), -1); // nothing was sent
}
END_TEST

START_TEST(lossFromTheFirstPacketOn) {
    web::LossMeter meter;
    meter.begin(1000);
    ck_assert_double_eq(measure(meter, 1s, 2, 1019), -1); // what is asked for at once
    ck_assert_double_eq(measure(meter, 200ms, 3, 1039), 2.0 / 40);
    web::LossMeter wrapped;
    wrapped.begin(0xfff6);
    ck_assert_double_eq(measure(wrapped, 1s, 5, 0x10000), -1);
    ck_assert_double_eq(measure(wrapped, 200ms, 5, 0x10000 + 39), 0.1);
    web::LossMeter zero;
    zero.begin(0);
    measure(zero, 1s, 1, 49);
    ck_assert_double_eq(measure(zero, 200ms, 1, 99), 0.01);
}
END_TEST

START_TEST(outOfOrderIsNotLost) {
    web::LossMeter meter;
    std::uint32_t highest = 0xffffff00; // wraps around
    measure(meter, 1s, 0, highest);
    for (int i = 0; i < 100; i++) {
        const double gap = measure(meter, 20ms, 1, highest += 2); // asked for again
        const double closed = measure(meter, 980ms, 0, highest += 100);
        ck_assert(gap <= 0 && closed <= 0);
    }
}
END_TEST

START_TEST(nothingBeyondTheEnd) {
    const Bytes whole = compound();
    for (std::size_t size = 0; size < whole.size(); size++) {
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        ck_assert_uint_eq(web::readReports(part.data(), part.size()).size(), size < 56 ? 0 : 2);
    }
    Bytes lies = whole;
    lies[0] = 0x9f; // 31 blocks
    ck_assert_uint_eq(web::readReports(lies.data(), lies.size()).size(), 2);
    lies[0] = 0x42; // another version
    ck_assert_uint_eq(web::readReports(lies.data(), lies.size()).size(), 0);
}
END_TEST

CHECK_MAIN("rtcp", reportsOfAllStreams, reportsOfSenders, roundTrip, nothingBeyondTheEnd,
           lossOfASecond, lossFromTheFirstPacketOn, outOfOrderIsNotLost)
