// FLV as it is taken apart, held for readers who come, are slow and are moved on, and given clocks.
#include "web/flv.hpp"
#include "web/flvwindow.hpp"

#include "base/error.hpp"

#include "check.hpp"

#include <algorithm>
#include <vector>

using web::FlvReader;
using web::FlvTag;
using web::FlvWindow;

namespace {

constexpr int audio = 8, video = 9, script = 18;

std::string tag(int type, std::uint32_t timestamp, const std::string& data) {
    const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xff); };
    const std::size_t size = data.size();
    std::string out = {byte(static_cast<unsigned>(type)),
                       byte(size >> 16),
                       byte(size >> 8),
                       byte(size),
                       byte(timestamp >> 16),
                       byte(timestamp >> 8),
                       byte(timestamp),
                       byte(timestamp >> 24),
                       0,
                       0,
                       0};
    out += data;
    const std::size_t all = size + 11;
    return out + std::string{byte(all >> 24), byte(all >> 16), byte(all >> 8), byte(all)};
}

std::string config(std::uint32_t timestamp = 0, const std::string& sets = "SPS") {
    return tag(video, timestamp, std::string("\x17\0\0\0\0", 5) + sets);
}
std::string picture(std::uint32_t timestamp, bool key, std::size_t size = 10) {
    return tag(video, timestamp,
               std::string(key ? "\x17\1\0\0\0" : "\x27\1\0\0\0", 5) + std::string(size, 'p'));
}
std::string aacConfig() { return tag(audio, 0, std::string("\xaf\0\x12\x10", 4)); }
std::string sound(std::uint32_t timestamp) { return tag(audio, timestamp, "\xaf\1sound"); }

FlvReader::Found read(const std::string& bytes, std::size_t piece = 1 << 20) {
    FlvReader reader;
    FlvReader::Found all;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const auto found = reader.take(reinterpret_cast<const unsigned char*>(&bytes[at]),
                                       std::min(piece, bytes.size() - at));
        all.header |= found.header;
        all.tags.insert(all.tags.end(), found.tags.begin(), found.tags.end());
    }
    return all;
}

void give(FlvWindow& window, const std::string& bytes) {
    window.take(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

/// A second of ten pictures, the first of them a key frame.
std::string second(std::uint32_t from) {
    std::string out;
    for (unsigned i = 0; i < 10; i++)
        out += picture(from + i * 100, i == 0);
    return out;
}

/// Kind, k for a key frame and timestamp of each tag.
std::string told(const std::string& bytes) {
    std::string out;
    for (const FlvTag& each : read(bytes).tags)
        out += std::string(each.kind == FlvTag::Kind::Video   ? "v"
                           : each.kind == FlvTag::Kind::Audio ? "a"
                                                              : "s") +
               (each.config ? "c"
                : each.key  ? "k"
                            : "") +
               std::to_string(each.timestamp) + " ";
    return out;
}

std::string next(const FlvWindow& window, FlvWindow::Reader& reader) {
    return window.read(reader, 1 << 20);
}

} // namespace

START_TEST(tagsAreTakenApart) {
    const std::string stream =
        web::flvHeader(true, true) + tag(script, 0, std::string("\x02\0\x0aonMetaData", 13)) +
        config() + aacConfig() + picture(40, true) + sound(0x81020304) + picture(80, false) +
        tag(script, 90, std::string("\x02\0\1x", 4)) + tag(video, 95, std::string("\x91hvc1", 5)) +
        tag(video, 96, std::string("\x90hvc1", 5)) + tag(video, 97, "");
    for (const std::size_t piece : {stream.size(), std::size_t{1}, std::size_t{7}}) {
        const auto found = read(stream, piece);
        ck_assert(found.header);
        std::string bytes, kinds;
        for (const FlvTag& each : found.tags) {
            bytes += each.bytes;
            kinds += each.config ? "c" : each.key ? "k" : "-";
        }
        CHECK_STR(kinds, "ccck---kc-");
        ck_assert(stream == web::flvHeader(true, true) + bytes);
        ck_assert_uint_eq(found.tags[4].timestamp, 0x81020304);
        std::string other;
        web::appendFlvTag(other, found.tags[4], 0x12345678);
        ck_assert_uint_eq(read(other).tags[0].timestamp, 0x12345678);
        ck_assert(other.substr(8) == found.tags[4].bytes.substr(8));
    }
}
END_TEST

START_TEST(whatIsNoFlv) {
    const std::vector<std::string> wrong = {std::string("\x47\x40\x11\x10", 4),
                                            std::string("RIFF"),
                                            std::string("FLX\1\5\0\0\0\x09", 9),
                                            std::string("FLV\1\5\0\0\0\1", 9),
                                            std::string("FLV\1\5\x7f\xff\xff\xff", 9),
                                            config() + "garbage",
                                            std::string("\x09\xff\xff\xff\0\0\0\0\0\0\0", 11)};
    for (const std::string& bytes : wrong) {
        bool refused = false;
        try {
            read(bytes, 3);
        } catch (const base::Error&) {
            refused = true;
        }
        ck_assert(refused);
    }
}
END_TEST

START_TEST(whoComesLateBeginsWithAKeyFrame) {
    FlvWindow window({});
    FlvWindow::Reader early, late;
    give(window, web::flvHeader(true, true) + config() + aacConfig());
    CHECK_STR(next(window, early), "");
    ck_assert(!window.isLive());
    // Hours later.
    const std::uint32_t from = 20 * 3600 * 1000;
    give(window, sound(from - 10) + picture(from, true) + sound(from + 10));
    CHECK_STR(told(next(window, early)), "vc0 ac0 vk200 a210 ");
    CHECK_STR(next(window, early), "");
    give(window, picture(from + 40, false) + picture(from + 80, true) + sound(from + 90));
    CHECK_STR(told(next(window, early)), "v240 vk280 a290 ");
    ck_assert(window.isLive());
    CHECK_STR(told(next(window, late)), "vc0 ac0 vk200 a210 ");
}
END_TEST

START_TEST(headerTellsWhatThereIs) {
    FlvWindow window({});
    FlvWindow::Reader reader;
    // A muxer promises sound that a camera does not send.
    give(window, web::flvHeader(true, true) + config() + second(0));
    CHECK_STR(next(window, reader), "");
    give(window, second(1000));
    const std::string out = next(window, reader);
    ck_assert(out.compare(0, 13, web::flvHeader(true, false)) == 0);
    FlvWindow sounds({});
    give(sounds, web::flvHeader(true, true) + aacConfig() + sound(0) + sound(2000) + sound(2020));
    FlvWindow::Reader listener;
    const std::string heard = next(sounds, listener);
    ck_assert(heard.compare(0, 13, web::flvHeader(false, true)) == 0);
    CHECK_STR(told(heard), "ac0 a200 ");
}
END_TEST

START_TEST(slowReadersAreMovedOn) {
    FlvWindow window({std::chrono::milliseconds(2000), 1 << 20});
    FlvWindow::Reader slow, quick;
    give(window, config() + second(0) + second(1000));
    CHECK_STR(told(next(window, quick)).substr(0, 10), "vc0 vk200 ");
    CHECK_STR(told(window.read(slow, 70)), "vc0 vk200 v300 ");
    CHECK_STR(told(window.read(slow, 20)), "v400 "); // 1.7 s behind
    for (unsigned i = 2; i < 6; i++) {
        give(window, second(i * 1000));
        next(window, quick);
    }
    // Its clock has no gap.
    CHECK_STR(told(window.read(slow, 40)), "vk440 v540 ");
    ck_assert_uint_eq(slow.missed, 37);
    ck_assert_uint_eq(quick.missed, 0);
    ck_assert_uint_eq(window.frames(), 60);
}
END_TEST

START_TEST(memoryIsBounded) {
    FlvWindow window({std::chrono::milliseconds(1500), 10000});
    FlvWindow::Reader reader;
    give(window, config() + second(0) + second(1000));
    next(window, reader);
    for (unsigned i = 0; i < 100; i++) // a group that outgrows it
        give(window, picture(2000 + i * 100, i == 0, 500));
    ck_assert_uint_le(window.bytes(), 10000);
    ck_assert(!window.isLive());
    CHECK_STR(next(window, reader), "");
    give(window, picture(12000, true) + picture(12100, false));
    CHECK_STR(told(next(window, reader)), "vk1140 v1240 ");
    ck_assert_uint_eq(reader.missed, 100);
    window.forget();
    ck_assert_uint_eq(window.bytes(), 0);
}
END_TEST

START_TEST(clocksGoOn) {
    FlvWindow window({std::chrono::milliseconds(1500), 1 << 20});
    FlvWindow::Reader reader;
    const std::uint32_t last = 0xffffff00; // it wraps in here
    give(window, config() + second(last - 2000) + second(last - 1000) + picture(last, false));
    next(window, reader);
    give(window, picture(last + 0x200, false));
    CHECK_STR(told(next(window, reader)), "v1712 ");
    // Its source begins anew, with other pictures.
    give(window,
         web::flvHeader(true, false) + config(0, "PPS") + picture(0, true) + picture(40, false));
    CHECK_STR(told(next(window, reader)), "vc1712 vk1752 v1792 ");
    // Who comes now waits for what comes after the other header.
    give(window, config(0, "third"));
    ck_assert(!window.isLive());
    // What is repeated is not told again.
    give(window, config(0, "third") + picture(80, true));
    CHECK_STR(told(next(window, reader)), "vc1792 vk1832 ");
}
END_TEST

START_TEST(clocksEndBeforePlayersDo) {
    FlvWindow window({});
    FlvWindow::Reader reader;
    give(window, config() + second(0) + second(1000));
    next(window, reader);
    std::uint32_t now = 2000;
    std::uint64_t taken = 0;
    while (!reader.over && taken < 300000) { // 25 days and more, in steps of 9 s
        give(window, picture(now, true));
        next(window, reader);
        now += 9000;
        taken++;
    }
    ck_assert(reader.over);
    ck_assert_uint_gt(taken, 238000);
}
END_TEST

CHECK_MAIN("flv", tagsAreTakenApart, whatIsNoFlv, whoComesLateBeginsWithAKeyFrame,
           headerTellsWhatThereIs, slowReadersAreMovedOn, memoryIsBounded, clocksGoOn,
           clocksEndBeforePlayersDo)
