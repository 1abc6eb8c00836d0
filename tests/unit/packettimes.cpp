#include "packettimes.hpp"

#include "check.hpp"

using onvif::PacketTimes;

static constexpr PacketTimes::Time ms = 1000000; // ns

/// What nothing is wrong with stays as it is, B-frames and the packets of one picture included.
START_TEST(leavesGoodTimes) {
    PacketTimes times;
    ck_assert_uint_eq(times.place(1000, 90), 1000);
    ck_assert_uint_eq(times.place(1000, 90), 1000);
    ck_assert_uint_eq(times.place(4000, 360), 4000);
    ck_assert_uint_eq(times.place(2000, 180), 2000);
    ck_assert_uint_eq(times.place(3000, 270), 3000);
    ck_assert_uint_eq(times.place(PacketTimes::none, 500), PacketTimes::none);
    ck_assert_uint_eq(times.place(5000, 450), 5000);
}
END_TEST

/// Three pictures at one time, of which the second has two packets, and one that lies before them.
START_TEST(partsPicturesOfOneTime) {
    PacketTimes times;
    ck_assert_uint_eq(times.place(10 * ms, 90), 10 * ms);
    ck_assert_uint_eq(times.place(10 * ms, 180), 11 * ms);
    ck_assert_uint_eq(times.place(10 * ms, 180), 11 * ms);
    ck_assert_uint_eq(times.place(10 * ms, 270), 12 * ms);
    ck_assert_uint_eq(times.place(9 * ms, 360), 13 * ms);
    ck_assert_uint_eq(times.place(20 * ms, 450), 20 * ms);
    ck_assert_uint_eq(times.place(20 * ms, 400), 21 * ms);
}
END_TEST

START_TEST(wraps) {
    PacketTimes times;
    ck_assert_uint_eq(times.place(10 * ms, 0xFFFFFFF0), 10 * ms);
    ck_assert_uint_eq(times.place(10 * ms, 0x10), 11 * ms);
    ck_assert_uint_eq(times.place(20 * ms, 0x20), 20 * ms);
}
END_TEST

/// A new connection may start a little early, at any RTP time, and does not go back.
START_TEST(goesOnAfterABreak) {
    PacketTimes times;
    times.place(50 * ms, 900);
    times.restart();
    ck_assert_uint_eq(times.floor(), 50 * ms);
    ck_assert_uint_eq(times.place(40 * ms, 90), 50 * ms);
    ck_assert_uint_eq(times.place(45 * ms, 180), 51 * ms);
    ck_assert_uint_eq(times.place(60 * ms, 270), 60 * ms);
}
END_TEST

CHECK_MAIN("packettimes", leavesGoodTimes, partsPicturesOfOneTime, wraps, goesOnAfterABreak)
