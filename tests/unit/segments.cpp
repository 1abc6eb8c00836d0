// What segmentsink knows without GStreamer: boxes, fragments, the window, playlists, the cipher.
#include "web/isobox.hpp"
#include "web/manifest.hpp"
#include "web/playlist.hpp"
#include "web/segmentcipher.hpp"
#include "web/segmentnames.hpp"
#include "web/segmentstore.hpp"

#include "baddata.hpp"
#include "check.hpp"

#include <libxml/parser.h>

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace web;

namespace {

constexpr std::uint32_t scale = 90000;

std::string full(std::uint32_t flags = 0) { return bytes32(flags); }

/// ftyp and moov of an H.264 track, as much of it as is read.
std::string pictureHeader(unsigned width = 640, unsigned height = 360) {
    std::string entry(78, '\0');
    entry[24] = static_cast<char>(width >> 8);
    entry[25] = static_cast<char>(width);
    entry[26] = static_cast<char>(height >> 8);
    entry[27] = static_cast<char>(height);
    entry += isoBox("avcC", "\x01\x64\x00\x1f\xff"s);
    const std::string stsd = isoBox("stsd", full() + bytes32(1) + isoBox("avc1", entry));
    const std::string mdhd = isoBox("mdhd", full() + bytes64(0) + bytes32(scale) + bytes64(0));
    const std::string minf = isoBox("minf", isoBox("stbl", stsd));
    return isoBox("ftyp", "mp42") + isoBox("moov", isoBox("trak", isoBox("mdia", mdhd + minf)));
}

std::string soundHeader() {
    std::string entry(28, '\0');
    entry[17] = 2;
    entry.replace(24, 2, "\xbb\x80"); // 48000
    const std::string decoder = "\x05\x02\x11\x90"s;
    const std::string config =
        "\x04"s + static_cast<char>(13 + decoder.size()) + "\x40" + std::string(12, '\0') + decoder;
    const std::string stream =
        "\x03\x80\x80"s + static_cast<char>(3 + config.size()) + std::string(3, '\0') + config;
    entry += isoBox("esds", full() + stream);
    const std::string stsd = isoBox("stsd", full() + bytes32(1) + isoBox("mp4a", entry));
    const std::string mdhd = isoBox("mdhd", full() + bytes64(0) + bytes32(48000) + bytes64(0));
    const std::string minf = isoBox("minf", isoBox("stbl", stsd));
    return isoBox("ftyp", "mp42") + isoBox("moov", isoBox("trak", isoBox("mdia", mdhd + minf)));
}

/// As mp4mux writes it: times of 32 bits, durations and flags with every frame.
std::string moofOf(std::uint32_t time, unsigned frames, std::uint32_t each, bool key) {
    std::string trun = full(0x701) + bytes32(frames) + bytes32(100);
    for (unsigned i = 0; i < frames; i++)
        trun += bytes32(each) + bytes32(10) + bytes32(i == 0 && key ? 0x40 : 0x100c0);
    const std::string traf = isoBox("tfhd", full() + bytes32(1)) +
                             isoBox("tfdt", full() + bytes32(time)) + isoBox("trun", trun);
    return isoBox("moof", isoBox("mfhd", full() + bytes32(9)) + isoBox("traf", traf));
}

Fragment frames(double begin, double length, bool key = true) {
    const auto each = static_cast<std::uint32_t>(length * scale / 10);
    return readFragment(moofOf(static_cast<std::uint32_t>(begin * scale), 10, each, key),
                        isoBox("mdat", std::string(1000, 'x')), 0, 1);
}

/// A store with one track and segments of a second from 1 s on.
struct Stage {
    explicit Stage(WindowSettings settings = {1000, 4, 1 << 20}) : store(settings) {
        store.expect("video_0");
        const Period period = store.periodOf(nullptr, false, 0s);
        ck_assert(period.shift == 1s);
        store.begin("video_0", 0, pictureHeader());
    }
    void fill(unsigned count) {
        for (unsigned i = 0; i < count; i++)
            store.add("video_0", 0, frames(1 + at++, 1));
    }
    std::string playlist(const std::string& key = {}) const {
        const Listing listing = store.listing();
        return mediaPlaylist(listing, listing.tracks.at(0), key);
    }
    SegmentStore store;
    unsigned at = 0;
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

unsigned count(const std::string& text, const std::string& part) {
    unsigned found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        found++;
    return found;
}

} // namespace

START_TEST(boxesComeInPieces) {
    const std::string file = isoBox("ftyp", "mp42") + isoBox("free", std::string(300, 'a'));
    IsoStream stream;
    std::vector<std::string> boxes;
    for (const char c : file)
        for (std::string& box : stream.take(reinterpret_cast<const unsigned char*>(&c), 1))
            boxes.push_back(std::move(box));
    ck_assert_uint_eq(boxes.size(), 2);
    ck_assert(boxes[0] + boxes[1] == file);
}
END_TEST

START_TEST(badBoxesAreRefused) {
    const auto take = [](const std::string& bytes, std::size_t limit) {
        IsoStream(limit).take(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    };
    ck_assert(isBad([&] { take(bytes32(4) + "free", 100); })); // smaller than its own header
    ck_assert(isBad([&] { take(bytes32(0) + "mdat", 100); })); // to the end of the file
    ck_assert(isBad([&] { take(bytes32(101) + "mdat", 100); }));
    ck_assert(isBad([&] { take(bytes32(1) + "mdat" + bytes64(~0ULL), 100); }));
    ck_assert(isBad([&] { isoBoxes(bytes32(20) + "free"); }));
    ck_assert(isBad([&] { number32("abc", 0); }));
    // Every way of cutting a fragment or a header short is noticed.
    const std::string moof = moofOf(0, 3, 100, true), header = pictureHeader();
    for (std::size_t n = 0; n < moof.size(); n++)
        ck_assert(isBad([&] { readFragment(moof.substr(0, n), "", 0, 1); }));
    for (std::size_t n = 0; n < header.size(); n++)
        ck_assert(isBad([&] { readHeader(header.substr(0, n)); }));
}
END_TEST

START_TEST(headersTell) {
    const TrackFacts picture = readHeader(pictureHeader(1920, 1080));
    ck_assert(picture.video);
    CHECK_STR(picture.codecs, "avc1.64001f");
    ck_assert_uint_eq(picture.width, 1920);
    ck_assert_uint_eq(picture.height, 1080);
    ck_assert_uint_eq(picture.timescale, scale);
    const TrackFacts sound = readHeader(soundHeader());
    ck_assert(!sound.video);
    CHECK_STR(sound.codecs, "mp4a.40.2");
    ck_assert_uint_eq(sound.rate, 48000);
    ck_assert_uint_eq(sound.channels, 2);
}
END_TEST

START_TEST(fragmentsAreMoved) {
    const std::uint64_t shift = 1ULL << 40; // more than 32 bits
    const std::string moof = moofOf(500, 3, 100, true), mdat = isoBox("mdat", "picture");
    const Fragment fragment = readFragment(moof, mdat, shift, 7);
    ck_assert(fragment.time == shift + 500 && fragment.duration == 300 && fragment.key);
    ck_assert_uint_eq(fragment.frames, 3);
    ck_assert_uint_eq(fragment.bytes.size(), moof.size() + 4 + mdat.size());
    const auto boxes = isoBoxes(fragment.bytes);
    const auto traf = isoBody(boxes.at(0).body, "traf");
    ck_assert_uint_eq(number32(isoBody(boxes[0].body, "mfhd"), 4), 7);
    ck_assert_uint_eq(number32(isoBody(traf, "tfhd"), 0), 0x20000);
    ck_assert(number64(isoBody(traf, "tfdt"), 4) == shift + 500);
    // The data lies four bytes further on.
    ck_assert_uint_eq(number32(isoBody(traf, "trun"), 8), 104);
    // What came out goes in again and stays as it is.
    const Fragment again = readFragment(boxes[0].whole, boxes.at(1).whole, 0, 7);
    ck_assert(again.bytes == fragment.bytes);
    ck_assert(!readFragment(moofOf(0, 3, 100, false), mdat, 0, 1).key);
}
END_TEST

START_TEST(segmentsEndAtBoundaries) {
    Stage stage;
    // Groups of 0.4 s: 1.0 to 2.2, to 3.0, to 4.2 and so on.
    for (int i = 0; i < 8; i++)
        stage.store.add("video_0", 0, frames(1 + 0.4 * i, 0.4));
    const auto segments = stage.store.listing().tracks.at(0).segments;
    ck_assert_uint_eq(segments.size(), 3);
    ck_assert_int_eq(segments[0].length() / 1ms, 1200);
    ck_assert_int_eq(segments[1].length() / 1ms, 800);
    ck_assert_int_eq(segments[2].length() / 1ms, 1200);
    ck_assert(segments[1].begin() == segments[0].begin() + segments[0].length());
}
END_TEST

START_TEST(theWindowMoves) {
    Stage stage;
    stage.fill(20);
    const std::string text = stage.playlist();
    ck_assert(has(text, "#EXT-X-MEDIA-SEQUENCE:16\n"));
    ck_assert_uint_eq(count(text, "#EXTINF:1.000000,\n"), 4);
    ck_assert(has(text, "#EXT-X-TARGETDURATION:1\n") && !has(text, "ENDLIST"));
    // Who has read the list before may still get what it named.
    ck_assert(stage.store.segment("video_0", 11) && !stage.store.segment("video_0", 10));
    ck_assert(!stage.store.segment("video_0", 20) && !stage.store.segment("video_1", 15));
    ck_assert(stage.store.segmentAt("video_0", 16 * scale) == stage.store.segment("video_0", 15));
    ck_assert(!stage.store.segmentAt("video_0", 16 * scale + 1));
    ck_assert(stage.store.header("video_0", 0) && !stage.store.header("video_0", 1));
    stage.store.end("video_0");
    ck_assert(has(stage.playlist(), "#EXT-X-ENDLIST\n"));
    stage.fill(1); // it goes on after all: somebody has gone back to its beginning
    ck_assert(!has(stage.playlist(), "ENDLIST"));
    stage.store.forget();
    ck_assert(stage.store.listing().tracks.empty() && stage.store.counters().bytes == 0);
}
END_TEST

START_TEST(memoryIsBounded) {
    Stage stage({1000, 100, 5000});
    stage.fill(50);
    const auto counters = stage.store.counters();
    ck_assert(counters.bytes <= 5000 && counters.bytes > 3000);
    ck_assert_uint_eq(counters.segments - counters.discarded,
                      stage.store.listing().tracks.at(0).segments.size());
}
END_TEST

START_TEST(breaksArePeriodsOfAll) {
    Stage stage;
    stage.fill(2);
    Period mine{0, 1s}, others = mine;
    mine = stage.store.periodOf(&mine, true, 10s);
    ck_assert(mine.number == 1 && mine.shift == 1s); // a gap stays one
    // The other track finds it there, and does not make one more.
    others = stage.store.periodOf(&others, true, 10s);
    ck_assert_uint_eq(others.number, 1);
    const Period back = stage.store.periodOf(&mine, true, 0s);
    ck_assert(back.number == 2 && 0s + back.shift >= 3s); // time never runs back
    stage.store.begin("video_0", 1, pictureHeader(1280, 720));
    stage.store.add("video_0", 1, frames(11, 1));
    stage.store.add("video_0", 0, frames(4, 1)); // too late
    const std::string text = stage.playlist();
    ck_assert_uint_eq(count(text, "#EXTINF"), 3);
    ck_assert(text.find("video_0/1.m4s") < text.find("#EXT-X-DISCONTINUITY\n") &&
              text.find("#EXT-X-DISCONTINUITY\n") < text.find("video_0/init-1.mp4") &&
              text.find("video_0/init-1.mp4") < text.find("video_0/2.m4s"));
    const std::string mpd = manifest(stage.store.listing(), {});
    ck_assert(has(mpd, "<Period id=\"0\" start=\"PT0.000000S\">") &&
              has(mpd, "<Period id=\"1\" start=\"PT11.000000S\">"));
    ck_assert(has(mpd, "presentationTimeOffset=\"990000\"") && has(mpd, "height=\"720\""));
}
END_TEST

START_TEST(qualitiesAreListed) {
    Stage stage;
    for (const char* name : {"video_1", "audio_0", "video_10"})
        stage.store.expect(name);
    stage.store.begin("video_1", 0, pictureHeader(320, 180));
    stage.store.begin("audio_0", 0, soundHeader());
    stage.fill(3);
    stage.store.add("video_1", 0, frames(1, 1));
    Fragment sound = frames(0, 0);
    sound.time = 48000;
    sound.duration = 48000;
    stage.store.add("audio_0", 0, sound);
    const std::string text = multivariantPlaylist(stage.store.listing());
    ck_assert(has(text, "TYPE=AUDIO") && has(text, "URI=\"audio_0.m3u8\""));
    ck_assert(has(text, "CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=10.000"));
    ck_assert(text.find("\nvideo_0.m3u8\n") < text.find("\nvideo_1.m3u8\n"));
    ck_assert(!has(text, "video_10")); // nothing came there yet
    const std::string mpd = manifest(stage.store.listing(), std::chrono::system_clock::now());
    ck_assert_uint_eq(count(mpd, "<AdaptationSet"), 2);
    ck_assert_uint_eq(count(mpd, "<Representation"), 3);
    ck_assert(has(mpd, "type=\"dynamic\"") && has(mpd, "<S t=\"180000\" d=\"90000\"/>"));
    xmlDoc* document = xmlReadMemory(mpd.data(), static_cast<int>(mpd.size()), "", nullptr, 0);
    ck_assert_ptr_nonnull(document);
    xmlFreeDoc(document);
    for (const char* name : {"video_0", "video_1", "audio_0", "video_10"})
        stage.store.end(name);
    ck_assert(has(manifest(stage.store.listing(), {}), "type=\"static\""));
}
END_TEST

/// A camera that makes next to no key frames.
START_TEST(segmentsOfPartsEnd) {
    Stage stage({1000, 4, 1 << 20, 1000});
    for (unsigned i = 0; i < 25; i++)
        stage.store.add("video_0", 0, frames(1 + i, 1, i == 0));
    const Listing listing = stage.store.listing();
    const TrackListing& track = listing.tracks.at(0);
    ck_assert_uint_eq(track.segments.size(), 2);
    ck_assert(track.segments[0].length() == 10s && track.segments[0].key);
    ck_assert(track.segments[1].length() == 10s && !track.segments[1].key);
    ck_assert_uint_eq(track.open.parts.size(), 5);
}
END_TEST

START_TEST(partsAreToldAtOnce) {
    Stage stage({1000, 4, 1 << 20, 200});
    unsigned told = 0;
    stage.store.onMade([&] { told++; });
    using Answer = SegmentStore::Answer;
    const auto answer = [&](std::uint64_t segment, std::optional<std::uint64_t> part = {}) {
        return stage.store.answerTo({"video_0", segment, part});
    };
    // Five parts a segment, and two more.
    for (unsigned i = 0; i < 12; i++)
        stage.store.add("video_0", 0, frames(1 + i * 0.2, 0.2, i % 5 == 0));
    ck_assert_uint_eq(told, 12);
    const Listing listing = stage.store.listing();
    const TrackListing& track = listing.tracks.at(0);
    ck_assert_uint_eq(track.segments.size(), 2);
    ck_assert_uint_eq(track.open.number, 2);
    ck_assert_uint_eq(track.open.parts.size(), 2);
    // A segment is the same as all of its parts.
    std::string whole;
    for (std::size_t i = 0; i < 5; i++)
        whole += *stage.store.part("video_0", 1, i);
    ck_assert(whole == *stage.store.segment("video_0", 1));
    ck_assert(stage.store.part("video_0", 2, 1) && !stage.store.part("video_0", 2, 2));
    ck_assert(!stage.store.part("video_0", 1, 5) && !stage.store.part("video_0", 9, 0));
    ck_assert(answer(1) == Answer::Made && answer(2) == Answer::ToCome);
    ck_assert(answer(1, 77) == Answer::Made && answer(2, 1) == Answer::Made);
    ck_assert(answer(2, 2) == Answer::ToCome && answer(3, 0) == Answer::ToCome);
    ck_assert(answer(4, 0) == Answer::Never);
    ck_assert(stage.store.answerTo({"other", 0, {}}) == Answer::NoTrack);
    const std::string text = mediaPlaylist(listing, track);
    const auto says = [&](const char* line) {
        ck_assert_msg(text.find(line) != std::string::npos, "%s in %s", line, text.c_str());
    };
    says("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.690\n");
    says("#EXT-X-PART-INF:PART-TARGET=0.230\n");
    says("#EXT-X-PART:DURATION=0.200000,URI=\"video_0/1.0.m4s\",INDEPENDENT=YES\n");
    says("#EXT-X-PART:DURATION=0.200000,URI=\"video_0/2.1.m4s\"\n#EXT-X-PRELOAD-HINT:TYPE=PART,"
         "URI=\"video_0/2.2.m4s\"\n");
    stage.store.end("video_0");
    ck_assert(answer(3, 0) == Answer::Made);
    ck_assert(mediaPlaylist(stage.store.listing(), stage.store.listing().tracks[0])
                  .find("PRELOAD-HINT") == std::string::npos);
}
END_TEST

START_TEST(namesAreRead) {
    const auto part = partIn("video_0/17.3.m4s");
    ck_assert(part && part->track == "video_0" && part->segment == 17 && part->index == 3);
    for (const char* wrong : {"video_0/17.m4s", "video_0/17.3.4.m4s", "17.3.m4s", "video_0/x.3.m4s",
                              "video_0/17.-3.m4s", "video_0/..m4s", "/", "."})
        ck_assert_msg(!partIn(wrong), "%s", wrong);
    CHECK_STR(playlistIn("video_0.m3u8"), "video_0");
    CHECK_STR(playlistIn(".m3u8"), "");
    ck_assert(numberOf("a=1&_HLS_msn=12&_HLS_part=0", "_HLS_msn") == 12);
    ck_assert(numberOf("_HLS_msn=12&_HLS_part=0", "_HLS_part") == 0);
    for (const char* wrong : {"", "&&", "_HLS_msn", "_HLS_msn=", "_HLS_msn=-1", "x_HLS_msn=1",
                              "_HLS_msn=9999999999999999999"})
        ck_assert_msg(!numberOf(wrong, "_HLS_msn"), "%s", wrong);
}
END_TEST

START_TEST(timesAreExact) {
    CHECK_STR(isoTime(std::chrono::system_clock::time_point(1700000000250ms)),
              "2023-11-14T22:13:20.250Z");
    ck_assert(ticksToTime(90000ULL * 86400 * 365 * 50, 90000) == 24h * 365 * 50);
    ck_assert_uint_eq(timeToTicks(10s + 1ms, 90000), 900090);
    ck_assert_uint_eq(timeToTicks(-1s, 90000), 0);
}
END_TEST

START_TEST(encryptionIsAes) {
    const SegmentCipher cipher(SegmentCipher::Key{0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                                  0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c});
    // openssl enc -aes-128-cbc -K 2b7e151628aed2a6abf7158809cf4f3c -iv 00…0102 of "hello"
    const std::string hello = cipher.encrypted("hello", 0x102);
    ck_assert(hello == "\xb5\xeb\x31\xb4\xc6\x25\x8f\x0d\xa1\x03\x1c\xfb\xde\x15\x0b\x1f"s);
    ck_assert_uint_eq(cipher.encrypted(std::string(32, 'a'), 1).size(), 48);
    ck_assert(SegmentCipher().key() != SegmentCipher().key());
    Stage stage;
    stage.fill(2);
    const std::string text = stage.playlist("key.bin");
    ck_assert(text.find("#EXT-X-MAP") < text.find("#EXT-X-KEY:METHOD=AES-128,URI=\"key.bin\"\n"));
}
END_TEST

CHECK_MAIN("segments", boxesComeInPieces, badBoxesAreRefused, headersTell, fragmentsAreMoved,
           segmentsEndAtBoundaries, theWindowMoves, memoryIsBounded, breaksArePeriodsOfAll,
           qualitiesAreListed, segmentsOfPartsEnd, partsAreToldAtOnce, namesAreRead, timesAreExact,
           encryptionIsAes)
