#include "web/rtp.hpp"

#include "check.hpp"
#include "web/gopcache.hpp"
#include "web/h264.hpp"

#include <random>
#include <vector>

using web::PacketFormat;
using web::RtpPacket;
using Bytes = std::vector<std::uint8_t>;

static bool key(PacketFormat format, const Bytes& payload) {
    RtpPacket packet;
    packet.payload = payload.data();
    packet.payloadSize = payload.size();
    return web::beginsKeyFrame(format, packet);
}

START_TEST(headers) {
    // Version 2, padding, extension of one word, one CSRC.
    Bytes data = {0xb1, 0xe0, 0x12, 0x34, 1,    2,    3, 4, 5, 6, 7,    8,    9,    9,
                  9,    9,    0xbe, 0xde, 0x00, 0x01, 0, 0, 0, 0, 0xaa, 0xbb, 0x00, 0x02};
    const auto packet = RtpPacket::parse(data.data(), data.size());
    ck_assert(packet.has_value());
    ck_assert_uint_eq(packet->payloadOffset, 24);
    ck_assert_uint_eq(packet->payloadSize, 2);
    ck_assert_uint_eq(packet->sequence, 0x1234);
    ck_assert_uint_eq(packet->timestamp, 0x01020304);
    ck_assert_uint_eq(packet->ssrc, 0x05060708);
    ck_assert(packet->marker);
    for (std::size_t size = 0; size < 24; size++)
        ck_assert(!RtpPacket::parse(data.data(), size).has_value());
    data.back() = 200; // more padding than packet
    ck_assert(!RtpPacket::parse(data.data(), data.size()).has_value());
    data[0] = 0x70; // version 1
    ck_assert(!RtpPacket::parse(data.data(), data.size()).has_value());
}
END_TEST

START_TEST(headerForAViewer) {
    RtpPacket packet;
    packet.sequence = 0xabcd;
    packet.timestamp = 0x01020304;
    packet.marker = true;
    web::RtpHeader header{};
    ck_assert_uint_eq(web::writeHeader(packet, false, {98, 0xdeadbeef, 0, 0}, header), 12);
    const Bytes plain = {0x80, 0xe2, 0xab, 0xcd, 1, 2, 3, 4, 0xde, 0xad, 0xbe, 0xef};
    ck_assert(std::equal(plain.begin(), plain.end(), header.begin()));
    ck_assert_uint_eq(web::writeHeader(packet, true, {98, 1, 5, 1230}, header), 20);
    const Bytes extended = {0xb0, 0xe2, 0xab, 0xcd, 1, 2, 3,    4,    0,    0,
                            0,    1,    0xbe, 0xde, 0, 1, 0x52, 0x07, 0xb0, 0x7b};
    ck_assert(std::equal(extended.begin(), extended.end(), header.begin()));
    const auto parsed = RtpPacket::parse(header.data(), header.size());
    ck_assert(!parsed.has_value() || parsed->payloadSize == 0);
}
END_TEST

START_TEST(keyFramesOfVp8) {
    ck_assert(key(PacketFormat::Vp8, {0x10, 0x00}));
    ck_assert(!key(PacketFormat::Vp8, {0x10, 0x01}));            // inter frame
    ck_assert(!key(PacketFormat::Vp8, {0x00, 0x00}));            // not a beginning
    ck_assert(!key(PacketFormat::Vp8, {0x11, 0x00}));            // second partition
    ck_assert(key(PacketFormat::Vp8, {0x90, 0x80, 0x05, 0x00})); // 7-bit picture id
    ck_assert(key(PacketFormat::Vp8, {0x90, 0x80, 0x85, 1, 0})); // 15-bit
    ck_assert(!key(PacketFormat::Vp8, {0x90, 0x80, 0x85, 1, 1}));
    ck_assert(key(PacketFormat::Vp8, {0x90, 0xe0, 0x85, 1, 7, 0x20, 0}));
    for (const Bytes& cut :
         {Bytes{}, Bytes{0x10}, Bytes{0x90}, Bytes{0x90, 0x80}, Bytes{0x90, 0x80, 0x85}})
        ck_assert(!key(PacketFormat::Vp8, cut));
}
END_TEST

START_TEST(keyFramesOfVp9) {
    ck_assert(key(PacketFormat::Vp9, {0x08}));
    ck_assert(key(PacketFormat::Vp9, {0x88, 0x85, 0x01}));
    ck_assert(!key(PacketFormat::Vp9, {0x48}));             // predicted
    ck_assert(!key(PacketFormat::Vp9, {0x00}));             // the middle of a frame
    ck_assert(key(PacketFormat::Vp9, {0x28, 0x00}));        // layers: the lowest
    ck_assert(!key(PacketFormat::Vp9, {0x28, 0x02}));       // spatial layer 1
    ck_assert(!key(PacketFormat::Vp9, {0xa8, 0x85, 1, 4})); // spatial layer 2
    ck_assert(!key(PacketFormat::Vp9, {0x28}));
    ck_assert(!key(PacketFormat::Vp9, {}));
}
END_TEST

static void isSized(PacketFormat format, const Bytes& payload, int width, int height) {
    for (std::size_t size = 0; size <= payload.size(); size++) {
        const Bytes part(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
        RtpPacket packet;
        packet.payload = part.data();
        packet.payloadSize = part.size();
        const auto found = web::pictureSize(format, packet);
        const bool whole = size == payload.size();
        ck_assert_int_eq(found.width, whole ? width : 0);
        ck_assert_int_eq(found.height, whole ? height : 0);
    }
}

START_TEST(sizesOfKeyFrames) {
    isSized(PacketFormat::Vp8, {0x10, 0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0x40}, 320, 180);
    isSized(PacketFormat::Vp8,
            {0x90, 0xe0, 0x85, 1, 7, 0x20, 0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0}, 320, 180);
    isSized(PacketFormat::Vp8, {0x10, 0x11, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0}, 0, 0);
    // 319 and 179 behind four bits of colour.
    isSized(PacketFormat::Vp9, {0x08, 0x82, 0x49, 0x83, 0x42, 0x20, 0x13, 0xf0, 0x0b, 0x30}, 320,
            180);
    isSized(PacketFormat::Vp9,
            {0xa8, 0x85, 1, 0, 9, 0x82, 0x49, 0x83, 0x42, 0x20, 0x13, 0xf0, 0x0b, 0x30}, 320, 180);
    isSized(PacketFormat::Vp9, {0x8a, 0x05, 0x30, 0, 160, 0, 90, 1, 64, 0, 180}, 320, 180);
    isSized(PacketFormat::Vp9, {0x8a, 0x05, 0x08, 1}, 0, 0);
    isSized(PacketFormat::H264, {0x67, 0x42}, 0, 0);
}
END_TEST

START_TEST(keyFramesOfH264) {
    ck_assert(key(PacketFormat::H264, {0x67, 0x42}));
    ck_assert(key(PacketFormat::H264, {0x65, 0x88}));
    ck_assert(!key(PacketFormat::H264, {0x68}));       // picture parameters alone
    ck_assert(!key(PacketFormat::H264, {0x41}));       // another slice
    ck_assert(key(PacketFormat::H264, {0x7c, 0x85}));  // FU-A, begins an IDR slice
    ck_assert(!key(PacketFormat::H264, {0x7c, 0x05})); // its middle
    ck_assert(!key(PacketFormat::H264, {0x7c, 0x81})); // begins another slice
    ck_assert(key(PacketFormat::H264, {0x78, 0, 2, 0x09, 0xf0, 0, 1, 0x67})); // STAP-A: AUD, SPS
    ck_assert(!key(PacketFormat::H264, {0x78, 0, 2, 0x09, 0xf0}));
    ck_assert(!key(PacketFormat::H264, {0x78, 0xff, 0xff, 0x09}));
    ck_assert(!key(PacketFormat::H264, {}));
    ck_assert(key(PacketFormat::Audio, {}));
}
END_TEST

START_TEST(keyFramesOfH265) {
    ck_assert(key(PacketFormat::H265, {0x40, 0x01, 0x0c}));  // VPS
    ck_assert(key(PacketFormat::H265, {0x26, 0x01, 0xaf}));  // IDR_W_RADL
    ck_assert(key(PacketFormat::H265, {0x2a, 0x01, 0xaf}));  // CRA
    ck_assert(!key(PacketFormat::H265, {0x02, 0x01, 0xd0})); // TRAIL_R
    ck_assert(key(PacketFormat::H265, {0x62, 0x01, 0x93}));  // FU, begins an IDR slice
    ck_assert(!key(PacketFormat::H265, {0x62, 0x01, 0x13})); // its middle
    ck_assert(!key(PacketFormat::H265, {0x62, 0x01, 0x81})); // begins another slice
    ck_assert(key(PacketFormat::H265, {0x60, 0x01, 0, 3, 0x46, 0x01, 0x10, 0, 2, 0x42, 0x01}));
    ck_assert(!key(PacketFormat::H265, {0x60, 0x01, 0, 3, 0x46, 0x01, 0x10}));
    ck_assert(!key(PacketFormat::H265, {0x60, 0x01, 0xff, 0xff, 0x46}));
    ck_assert(!key(PacketFormat::H265, {0x26, 0x01}));
    ck_assert(!key(PacketFormat::H265, {}));
}
END_TEST

START_TEST(keyFramesOfAv1) {
    ck_assert(key(PacketFormat::Av1, {0x18, 0x0a})); // N: a sequence begins
    ck_assert(!key(PacketFormat::Av1, {0x10, 0x32}));
    ck_assert(!key(PacketFormat::Av1, {}));
}
END_TEST

static bool bSlice(const Bytes& payload) {
    RtpPacket packet;
    packet.payload = payload.data();
    packet.payloadSize = payload.size();
    return web::beginsBSlice(packet);
}

START_TEST(slicesOfH264) {
    // first_mb_in_slice 0 is "1"; slice_type 0 "1", 1 "010", 2 "011", 5 "00110", 6 "00111".
    ck_assert(!bSlice({0x41, 0xe0, 0}));       // P
    ck_assert(bSlice({0x01, 0xa0, 0}));        // B
    ck_assert(bSlice({0x01, 0x9c, 0}));        // B, and so are all of the picture
    ck_assert(!bSlice({0x41, 0x98, 0}));       // P in the same way
    ck_assert(!bSlice({0x41, 0xb0, 0}));       // I
    ck_assert(bSlice({0x01, 0x08, 0x9c, 0}));  // begins at macroblock 16, "000010001" and then B
    ck_assert(bSlice({0x1c, 0x81, 0xa0, 0}));  // the first fragment
    ck_assert(!bSlice({0x1c, 0x01, 0xa0, 0})); // another
    ck_assert(!bSlice({0x65, 0xa0, 0}));       // an IDR picture
    ck_assert(!bSlice({0x01, 0, 0}));          // cut off
    ck_assert(!bSlice({0x01, 0xa0}));
    ck_assert(!bSlice({}));
}
END_TEST

START_TEST(rubbishIsNoKeyFrameOrOne) {
    std::mt19937 random(3);
    for (int i = 0; i < 20000; i++) {
        Bytes data(random() % 40);
        for (auto& byte : data)
            byte = static_cast<std::uint8_t>(random());
        if (const auto packet = RtpPacket::parse(data.data(), data.size())) {
            ck_assert_uint_le(packet->payloadOffset + packet->payloadSize, data.size());
            for (const auto format : {PacketFormat::Vp8, PacketFormat::Vp9, PacketFormat::H264})
                web::beginsKeyFrame(format, *packet);
        }
    }
}
END_TEST

START_TEST(groupsOfPictures) {
    web::GopCache<int> cache(100, 1000);
    ck_assert(!cache.add(1, 10, 1, false));
    ck_assert(!cache.whole());
    ck_assert(cache.add(2, 10, 2, true));
    ck_assert(!cache.add(3, 10, 2, true)); // second slice of the same picture
    ck_assert(!cache.add(4, 10, 3, false));
    ck_assert(cache.whole());
    ck_assert((cache.packets() == std::vector<int>{2, 3, 4}));
    ck_assert(cache.add(5, 10, 9, true));
    ck_assert((cache.packets() == std::vector<int>{5}));
    ck_assert(!cache.add(6, 95, 10, false)); // too much: half a group is of no use
    ck_assert(!cache.whole() && cache.packets().empty());
    ck_assert(!cache.add(7, 10, 11, false));
    ck_assert(!cache.whole());
    ck_assert(cache.add(8, 10, 12, true));
    ck_assert(cache.whole());
    cache.clear();
    ck_assert(!cache.whole());
    web::GopCache<int> few(1000000, 3);
    for (int i = 0; i < 3; i++)
        few.add(i, 1, 1, i == 0);
    ck_assert(few.whole());
    few.add(3, 1, 1, false);
    ck_assert(!few.whole() && few.packets().empty());
    few.add(4, 1, 2, true);
    ck_assert(few.whole());
    web::GopCache<int> none(0, 1000);
    ck_assert(none.add(1, 10, 1, true)); // key frames are still told
    ck_assert(!none.whole());
}
END_TEST

CHECK_MAIN("rtp", headers, headerForAViewer, keyFramesOfVp8, keyFramesOfVp9, sizesOfKeyFrames,
           keyFramesOfH264, keyFramesOfH265, keyFramesOfAv1, slicesOfH264, rubbishIsNoKeyFrameOrOne,
           groupsOfPictures)
