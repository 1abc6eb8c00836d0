#include "web/splice.hpp"

#include "check.hpp"

#include <vector>

using web::PacketFormat;
using web::PictureId;
using web::RtpPacket;
using web::Splice;
using Bytes = std::vector<std::uint8_t>;

static RtpPacket packet(unsigned sequence, std::uint32_t timestamp) {
    RtpPacket packet;
    packet.sequence = static_cast<std::uint16_t>(sequence);
    packet.timestamp = timestamp;
    return packet;
}

static PictureId picture(unsigned value, std::uint8_t bits = 15) {
    PictureId id;
    id.bits = bits;
    id.value = static_cast<std::uint16_t>(value);
    return id;
}

static void sends(Splice& splice, const RtpPacket& in, const PictureId& id, unsigned sequence,
                  std::uint32_t timestamp, unsigned pictureId) {
    const Splice::Numbers out = splice.next(in, id);
    ck_assert_uint_eq(out.sequence, sequence);
    ck_assert_uint_eq(out.timestamp, timestamp);
    ck_assert_uint_eq(out.picture, pictureId);
}

START_TEST(oneStreamIsLeftAlone) {
    Splice splice;
    splice.change(); // before the first packet: nothing to join
    sends(splice, packet(65534, 0xfffffff0), picture(32767), 65534, 0xfffffff0, 32767);
    sends(splice, packet(65535, 100), picture(0), 65535, 100, 0);
    sends(splice, packet(3, 50), picture(1), 3, 50, 1); // what is lost is lost; B-frames go back
    ck_assert(!splice.isShifted());
}
END_TEST

START_TEST(numbersGoOn) {
    Splice splice;
    sends(splice, packet(65535, 90000), picture(32767), 65535, 90000, 32767);
    splice.change();
    sends(splice, packet(100, 93000), picture(5), 0, 93000, 0);
    sends(splice, packet(101, 93000), picture(5), 1, 93000, 0);
    sends(splice, packet(103, 96000), picture(6), 3, 96000, 1);
    splice.change();
    sends(splice, packet(7, 99000), picture(900), 4, 99000, 2);
    ck_assert(!splice.isShifted());
}
END_TEST

START_TEST(aStreamThatLagsDoesNotGoBack) {
    Splice splice;
    splice.next(packet(1, 90000), picture(1));
    splice.change();
    sends(splice, packet(50, 84000), picture(1), 2, 90001, 2);
    sends(splice, packet(51, 84000), picture(1), 3, 90001, 2); // the same frame
    sends(splice, packet(52, 87000), picture(2), 4, 90002, 3);
    sends(splice, packet(53, 90000), picture(3), 5, 90003, 4);
    sends(splice, packet(54, 93000), picture(4), 6, 93000, 5);
    sends(splice, packet(55, 92000), picture(5), 7, 92000, 6); // its own order from here on
    ck_assert(!splice.isShifted());
}
END_TEST

START_TEST(anotherClockIsShifted) {
    Splice splice;
    splice.next(packet(1, 90000), picture(1));
    splice.change();
    sends(splice, packet(9, 0x80000000), picture(7), 2, 93000, 2);
    sends(splice, packet(10, 0x80000000 + 3000), picture(8), 3, 96000, 3);
    ck_assert(splice.isShifted());
    splice.change();
    sends(splice, packet(2, 99000), picture(2), 4, 99000, 4); // back to the first
    ck_assert(!splice.isShifted());
    splice.change();
    sends(splice, packet(20, 0x80000000 + 9000), picture(9), 5, 102000, 5);
    splice.change(); // the same clock again after a cut
    sends(splice, packet(70, 0x80000000 + 12000), picture(90), 6, 105000, 6);
}
END_TEST

START_TEST(streamsWithoutPictureIds) {
    Splice splice;
    sends(splice, packet(1, 90000), {}, 1, 90000, 0);
    splice.change();
    sends(splice, packet(1, 93000), {}, 2, 93000, 0);
}
END_TEST

static PictureId idIn(PacketFormat format, const Bytes& payload) {
    RtpPacket packet;
    packet.payload = payload.data();
    packet.payloadSize = payload.size();
    return web::pictureId(format, packet);
}

START_TEST(whereTheIdIs) {
    Bytes vp8 = {0x90, 0x80, 0x92, 0x34, 0x00};
    PictureId id = idIn(PacketFormat::Vp8, vp8);
    ck_assert_uint_eq(id.value, 0x1234);
    id.write(vp8.data(), 0x7fff, 9);
    ck_assert(vp8 == (Bytes{0x90, 0x80, 0xff, 0xff, 0x00}));
    Bytes vp9 = {0x8c, 0x45, 0x49};
    id = idIn(PacketFormat::Vp9, vp9);
    ck_assert_uint_eq(id.value, 0x45);
    ck_assert_uint_eq(id.bits, 7);
    id.write(vp9.data(), 0x83, 9);
    ck_assert(vp9 == (Bytes{0x8c, 0x03, 0x49}));
    ck_assert_uint_eq(idIn(PacketFormat::Vp9, {0x8c, 0x80, 0x01, 0x49}).value, 1);
    for (const Bytes& none : {Bytes{}, Bytes{0x80}, Bytes{0x10, 0x80, 0x01}, Bytes{0x90, 0x80},
                              Bytes{0x90, 0x80, 0x81}, Bytes{0x90, 0x40, 0x01}})
        ck_assert(!idIn(PacketFormat::Vp8, none).isThere());
    for (const Bytes& none : {Bytes{}, Bytes{0x0c, 0x45}, Bytes{0x8c}, Bytes{0x8c, 0x85}})
        ck_assert(!idIn(PacketFormat::Vp9, none).isThere());
    ck_assert(!idIn(PacketFormat::H264, {0x90, 0x80, 0x92, 0x34}).isThere());
}
END_TEST

START_TEST(whereTheBaseIs) {
    Bytes vp8 = {0x90, 0xe0, 0x92, 0x34, 0x07, 0x20, 0x00};
    PictureId id = idIn(PacketFormat::Vp8, vp8);
    ck_assert_uint_eq(id.base, 7);
    id.write(vp8.data(), 0x1235, 8);
    ck_assert(vp8 == (Bytes{0x90, 0xe0, 0x92, 0x35, 0x08, 0x20, 0x00}));
    ck_assert_uint_eq(idIn(PacketFormat::Vp8, {0x90, 0x40, 0x05}).base, 5); // without an id
    Bytes vp9 = {0xac, 0x45, 0x00, 0xff, 0x49};
    id = idIn(PacketFormat::Vp9, vp9);
    ck_assert_uint_eq(id.value, 0x45);
    ck_assert_uint_eq(id.base, 0xff);
    id.write(vp9.data(), 0x46, 0);
    ck_assert(vp9 == (Bytes{0xac, 0x46, 0x00, 0x00, 0x49}));
    ck_assert_uint_eq(idIn(PacketFormat::Vp9, {0xbc, 0x45, 0x00, 0x03}).baseAt, 0); // flexible
    ck_assert_uint_eq(idIn(PacketFormat::Vp9, {0xac, 0x45, 0x00}).baseAt, 0);       // cut off
    ck_assert_uint_eq(idIn(PacketFormat::Vp9, {0x8c, 0x45, 0x00, 0x03}).baseAt, 0);
}
END_TEST

START_TEST(basesGoOn) {
    Splice splice;
    const auto next = [&](unsigned sequence, std::uint8_t base) {
        PictureId id = picture(sequence);
        id.baseAt = 4;
        id.base = base;
        return static_cast<int>(splice.next(packet(sequence, 3000 * sequence), id).base);
    };
    ck_assert_int_eq(next(1, 254), 254);
    splice.change();
    ck_assert_int_eq(next(2, 30), 255);
    ck_assert_int_eq(next(3, 30), 255); // a higher layer's
    ck_assert_int_eq(next(4, 31), 0);
    splice.change();
    ck_assert_int_eq(next(5, 7), 1);
}
END_TEST

CHECK_MAIN("splice", oneStreamIsLeftAlone, numbersGoOn, aStreamThatLagsDoesNotGoBack,
           anotherClockIsShifted, streamsWithoutPictureIds, whereTheIdIs, whereTheBaseIs, basesGoOn)
