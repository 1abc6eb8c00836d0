#include "fragmenttimes.hpp"

#include "check.hpp"

using record::FragmentTimes;
using namespace std::chrono_literals;

namespace {

std::string number(std::uint64_t value, int bytes = 4) {
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        text += static_cast<char>(value >> shift & 0xff);
    return text;
}

std::string box(const std::string& type, const std::string& content) {
    return number(content.size() + 8) + type + content;
}

std::string track(unsigned id, unsigned timescale, const std::string& kind) {
    const std::string mdhd = box("mdhd", number(0) + number(1) + number(2) + number(timescale));
    const std::string hdlr = box("hdlr", number(0) + number(0) + kind);
    return box("trak", box("tkhd", number(7) + number(1) + number(2) + number(id)) +
                           box("mdia", mdhd + hdlr));
}

std::string fragment(unsigned id, std::uint64_t time, bool isLong = true) {
    const std::string tfdt =
        isLong ? number(1, 1) + number(0, 3) + number(time, 8) : number(0) + number(time);
    return box("moof",
               box("mfhd", "1234") + box("traf", box("tfhd", number(0) + number(id)) +
                                                     box("tfdt", tfdt) + box("trun", "5678")));
}

const std::string header =
    box("ftyp", "isom") + box("moov", box("mvhd", "abcd") + track(1, 90000, "vide") +
                                          track(2, 44100, "soun") + track(3, 8000, "soun"));

std::string corrected(FragmentTimes& times, std::string bytes) {
    times.correct(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
    return bytes;
}

} // namespace

START_TEST(tracksBeginWhereTheyDid) {
    FragmentTimes times;
    times.begin(true, 0, 0s);
    times.begin(false, 0, 500ms);
    times.begin(false, 1, 250ms);
    times.begin(false, 1, 900ms); // a track begins once
    ck_assert(corrected(times, header) == header);
    ck_assert(corrected(times, fragment(1, 0)) == fragment(1, 0));
    ck_assert(corrected(times, fragment(2, 0)) == fragment(2, 22050));
    ck_assert(corrected(times, fragment(3, 0, false)) == fragment(3, 2000, false));
    ck_assert(corrected(times, fragment(1, 90000) + fragment(2, 44100)) ==
              fragment(1, 90000) + fragment(2, 66150));
}
END_TEST

/// A muxer that knows it by itself is right.
START_TEST(whatIsRightStays) {
    FragmentTimes times;
    times.begin(false, 0, 500ms);
    corrected(times, header);
    ck_assert(corrected(times, fragment(2, 22050)) == fragment(2, 22050));
    ck_assert(corrected(times, fragment(2, 66150)) == fragment(2, 66150));
    ck_assert(corrected(times, fragment(9, 0)) == fragment(9, 0));
}
END_TEST

/// Boxes that say of themselves what is not true, and frames, which are none.
START_TEST(whatIsNoBoxStays) {
    for (const std::string& bytes :
         {std::string(), std::string("moof"), std::string(8, '\0'), number(900) + "moof",
          box("moof", box("traf", "")), box("moof", box("traf", box("tfhd", "1"))),
          box("moof", box("traf", box("tfhd", number(0) + number(2)) + box("tfdt", "\1abc"))),
          box("mdat", fragment(2, 0))}) {
        FragmentTimes times;
        times.begin(false, 0, 500ms);
        corrected(times, header);
        ck_assert(corrected(times, bytes) == bytes);
    }
    FragmentTimes headless;
    const std::string bad = box("moov", box("trak", box("tkhd", "1") + box("mdia", "23")));
    ck_assert(corrected(headless, bad) == bad);
    ck_assert(corrected(headless, fragment(2, 0)) == fragment(2, 0));
}
END_TEST

CHECK_MAIN("fragmenttimes", tracksBeginWhereTheyDid, whatIsRightStays, whatIsNoBoxStays)
