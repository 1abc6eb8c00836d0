#include "packettimes.hpp"

#include "check.hpp"

using onvif::PacketTimes;

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
    ck_assert_uint_eq(times.place(1000, 90), 1000);
    ck_assert_uint_eq(times.place(1000, 180), 1001);
    ck_assert_uint_eq(times.place(1000, 180), 1001);
    ck_assert_uint_eq(times.place(1000, 270), 1002);
    ck_assert_uint_eq(times.place(900, 360), 1003);
    ck_assert_uint_eq(times.place(2000, 450), 2000);
    ck_assert_uint_eq(times.place(2000, 400), 2001);
}
END_TEST

START_TEST(wraps) {
    PacketTimes times;
    ck_assert_uint_eq(times.place(1000, 0xFFFFFFF0), 1000);
    ck_assert_uint_eq(times.place(1000, 0x10), 1001);
    ck_assert_uint_eq(times.place(2000, 0x20), 2000);
}
END_TEST

/// A new connection may start a little early, at any RTP time, and does not go back.
START_TEST(goesOnAfterABreak) {
    PacketTimes times;
    times.place(5000, 900);
    times.restart();
    ck_assert_uint_eq(times.floor(), 5000);
    ck_assert_uint_eq(times.place(4000, 90), 5000);
    ck_assert_uint_eq(times.place(4500, 180), 5001);
    ck_assert_uint_eq(times.place(6000, 270), 6000);
}
END_TEST

CHECK_MAIN("packettimes", leavesGoodTimes, partsPicturesOfOneTime, wraps, goesOnAfterABreak)
