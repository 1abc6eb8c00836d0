// What segmentsink knows of MPEG-TS without GStreamer: packets, time stamps, tables.
#include "web/transport.hpp"
#include "web/playlist.hpp"
#include "web/segmentstore.hpp"

#include "baddata.hpp"
#include "check.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace web;

namespace {

constexpr std::uint32_t scale = 90000;

std::string packet(unsigned pid, bool starts, const std::string& payload, bool random = false) {
    std::string out = "G"s + static_cast<char>((starts ? 0x40 : 0) | pid >> 8) +
                      static_cast<char>(pid) +
                      (random ? "\x33\x07\x50"s + std::string(6, '\0') : "\x13"s);
    out += payload;
    out.resize(188, '\xff');
    return out;
}

/// An association table that names PID 32, or its map, as much of them as is read.
std::string tablePacket(unsigned pid) {
    return packet(pid, true, "\0\0\xb0\x0d\0\1\xc1\0\0\0\1\xe0\x20"s);
}

/// The first packet of a picture with that time stamp of 33 bits.
std::string unit(std::uint64_t stamp, bool key) {
    const auto bits = [&](unsigned shift) { return static_cast<char>(stamp >> shift); };
    const std::string written = {static_cast<char>(0x21 | (bits(29) & 0x0e)), bits(22),
                                 static_cast<char>(bits(14) | 1), bits(7),
                                 static_cast<char>(bits(0) << 1 | 1)};
    return packet(0x41, true, "\0\0\1\xe0\0\0\x80\x80\5"s + written, key);
}

std::string morePacket() { return packet(0x41, false, "more"); }

std::vector<Fragment> take(TransportReader& reader, const std::string& bytes) {
    return reader.take(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

} // namespace

START_TEST(transportStreamsAreTakenApart) {
    const std::uint64_t wrap = 1ULL << 33;
    TransportReader reader(true, 5 * scale, 10 * scale);
    CHECK_STR(reader.tables(), "");
    // Two pictures before the time stamps begin anew, and two groups.
    std::string all = tablePacket(0) + tablePacket(0x20) + unit(wrap - 7200, true) +
                      unit(wrap - 3600, false) + morePacket() + unit(0, true) + unit(3600, false);
    const auto made = take(reader, all);
    ck_assert_uint_eq(made.size(), 1);
    ck_assert_uint_eq(made[0].time, 5 * scale);
    ck_assert_uint_eq(made[0].duration, 7200);
    ck_assert_uint_eq(made[0].frames, 2);
    ck_assert(made[0].key && made[0].bytes == all.substr(2 * 188, 3 * 188));
    const auto rest = reader.finish();
    ck_assert(rest && rest->time == 5 * scale + 7200 && rest->duration == 7200 &&
              rest->frames == 2);
    ck_assert(!reader.finish());
    ck_assert(reader.tables() == all.substr(0, 2 * 188));
    ck_assert(countedTables(reader.tables(), 35)[3] == '\x13');
    TransportReader sounds(false, 0, 10 * scale);
    ck_assert_uint_eq(take(sounds, unit(0, false) + unit(1800, false) + unit(3600, false)).size(),
                      2);
}
END_TEST

/// A camera that makes next to no key frames.
START_TEST(fragmentsEndWithoutKeyFrames) {
    TransportReader reader(true, 0, 10 * scale);
    std::string all = tablePacket(0) + tablePacket(0x20);
    for (unsigned second = 0; second < 25; second++)
        all += unit(std::uint64_t{second} * scale, second == 0);
    const auto made = take(reader, all);
    ck_assert_uint_eq(made.size(), 2);
    ck_assert(made[0].key && made[0].frames == 10 && made[0].duration == 10 * scale);
    ck_assert(!made[1].key && made[1].time == 10 * scale);
}
END_TEST

START_TEST(badTransportStreamsAreRefused) {
    TransportReader reader(true, 0, 10 * scale);
    ck_assert(isBad([&] { take(reader, std::string(187, 'G')); }));
    ck_assert(isBad([&] { take(reader, std::string(188, 'H')); }));
    std::string timeless = unit(0, true);
    timeless[4 + 8 + 7] = 0;
    ck_assert(isBad([&] { take(reader, timeless); }));
    std::string empty = tablePacket(0);
    empty[4 + 1 + 2] = 9; // no program in it
    ck_assert(isBad([&] { take(reader, empty); }));
}
END_TEST

START_TEST(transportSegmentsBeginWithTables) {
    SegmentStore store({1000, 4, 1 << 20});
    store.expect("video_0");
    store.periodOf(nullptr, false, 0s);
    TrackFacts facts;
    facts.video = facts.transport = true;
    facts.codecs = "avc1.42c01f";
    facts.timescale = scale;
    const std::string tables = tablePacket(0) + tablePacket(0x20);
    store.begin("video_0", 0, facts, tables);
    for (std::uint64_t i = 0; i < 3; i++)
        store.add("video_0", 0, {std::string(188, 'G'), (1 + i) * scale, scale, 25, true});
    ck_assert(*store.segment("video_0", 2) == countedTables(tables, 2) + std::string(188, 'G'));
    ck_assert(!store.header("video_0", 0));
    const Listing listing = store.listing();
    const std::string text = mediaPlaylist(listing, listing.tracks[0], "key.bin");
    ck_assert(text.find("EXT-X-MAP") == std::string::npos &&
              text.find("METHOD=NONE") == std::string::npos);
    ck_assert(text.find("#EXT-X-VERSION:3\n") != std::string::npos);
    ck_assert(text.find("METHOD=AES-128,URI=\"key.bin\"\n") < text.find("video_0/0.ts\n"));
}
END_TEST

CHECK_MAIN("transport", transportStreamsAreTakenApart, fragmentsEndWithoutKeyFrames,
           badTransportStreamsAreRefused, transportSegmentsBeginWithTables)
