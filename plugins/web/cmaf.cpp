#include "web/cmaf.hpp"

#include "base/error.hpp"
#include "web/isobox.hpp"

#include <algorithm>
#include <cstdio>

namespace web {
namespace {

using base::Error;
using base::ErrorKind;

// Fields of sample entries, from the beginning of their bodies (ISO/IEC 14496-12, 12.1.3, 12.2.3).
constexpr std::size_t visualEntry = 78, audioEntry = 28;

[[noreturn]] void bad(const std::string& details) {
    throw Error(ErrorKind::BadData,
                "The muxer's MP4 could not be read: use the mp4mux of GStreamer 1.22 or newer.",
                details);
}

std::string printed(const char* format, unsigned a, unsigned b, unsigned c) {
    char text[32];
    std::snprintf(text, sizeof text, format, a, b, c);
    return text;
}

std::string avcName(std::string_view children) {
    const auto box = isoBody(children, "avcC");
    return printed("avc1.%02x%02x%02x", number8(box, 1), number8(box, 2), number8(box, 3));
}

std::string vp9Name(std::string_view children) {
    const auto box = isoBody(children, "vpcC").substr(4); // after version and flags
    return printed("vp09.%02u.%02u.%02u", number8(box, 0), number8(box, 1), number8(box, 2) >> 4);
}

/// Steps into the descriptor of that tag (ISO/IEC 14496-1, 8.3.3); its length takes 1 to 4 bytes.
std::string_view descriptor(std::string_view bytes, std::uint32_t tag) {
    if (number8(bytes, 0) != tag)
        bad("unknown descriptor in esds");
    std::size_t at = 1;
    for (int i = 0; i < 3 && number8(bytes, at) & 0x80; i++)
        at++;
    number8(bytes, at);
    return bytes.substr(at + 1);
}

std::string aacName(std::string_view children) {
    const auto box = isoBody(children, "esds");
    number32(box, 0);
    const auto stream = descriptor(box.substr(4), 3);
    number32(stream, 0);
    const auto decoder = descriptor(stream.substr(3), 4);
    if (number8(decoder, 0) != 0x40)
        throw Error(ErrorKind::Unsupported, "This sound is no AAC: encode it as AAC or Opus.");
    number64(decoder, 5);
    const auto config = descriptor(decoder.substr(13), 5);
    unsigned type = number8(config, 0) >> 3;
    if (type == 31) // ISO/IEC 14496-3, 1.6.2.1: an escape
        type = 32 + ((number16(config, 0) >> 5) & 0x3f);
    return "mp4a.40." + std::to_string(type);
}

void readEntry(std::string_view stsd, TrackFacts& facts) {
    number64(stsd, 0);
    const auto entries = isoBoxes(stsd.substr(8));
    if (entries.empty())
        bad("no sample entry");
    const IsoBox& entry = entries.front();
    facts.video = entry.type == "avc1" || entry.type == "vp09";
    const std::size_t fields = facts.video ? visualEntry : audioEntry;
    if (entry.body.size() < fields)
        bad("a sample entry is too short");
    const auto children = entry.body.substr(fields);
    if (facts.video) {
        facts.width = number16(entry.body, 24);
        facts.height = number16(entry.body, 26);
    } else {
        facts.channels = number16(entry.body, 16);
        facts.rate = number16(entry.body, 24); // 16.16
    }
    if (entry.type == "avc1")
        facts.codecs = avcName(children);
    else if (entry.type == "vp09")
        facts.codecs = vp9Name(children);
    else if (entry.type == "mp4a")
        facts.codecs = aacName(children);
    else if (entry.type == "Opus")
        facts.codecs = "opus";
    else
        throw Error(
            ErrorKind::Unsupported,
            "Players cannot take this codec in segments: encode to H.264, VP9, AAC or Opus.",
            std::string(entry.type));
}

// Flags of tfhd and trun (ISO/IEC 14496-12, 8.8.7 and 8.8.8).
constexpr std::uint32_t hasBaseOffset = 0x1, hasDescription = 0x2, hasDefaultDuration = 0x8,
                        hasDefaultSize = 0x10, hasDefaultFlags = 0x20, baseIsMoof = 0x20000;
constexpr std::uint32_t hasDataOffset = 0x1, hasFirstFlags = 0x4, hasDuration = 0x100,
                        hasSize = 0x200, hasFlags = 0x400, hasComposition = 0x800;
constexpr std::uint32_t isNotSync = 0x10000;

/// A track fragment while it is read and written anew.
struct Run {
    std::uint64_t shift = 0;
    std::uint32_t grown = 0; ///< bytes by which the data moved
    std::uint32_t defaultDuration = 0, defaultFlags = 0;
    Fragment fragment{};
};

std::string newHeader(std::string_view tfhd, Run& run) {
    const std::uint32_t flags = number32(tfhd, 0) & 0xffffff;
    if (flags & hasBaseOffset)
        bad("a fragment counts its data from the beginning of the file");
    std::size_t at = 8 + (flags & hasDescription ? 4 : 0);
    if (flags & hasDefaultDuration) {
        run.defaultDuration = number32(tfhd, at);
        at += 4;
    }
    if (flags & hasDefaultSize)
        at += 4;
    if (flags & hasDefaultFlags)
        run.defaultFlags = number32(tfhd, at);
    return isoBox("tfhd", bytes32(flags | baseIsMoof) + std::string(tfhd.substr(4)));
}

std::string newTime(std::string_view tfdt, Run& run) {
    const bool wide = number8(tfdt, 0) == 1;
    run.fragment.time = (wide ? number64(tfdt, 4) : number32(tfdt, 4)) + run.shift;
    return isoBox("tfdt", bytes32(1U << 24) + bytes64(run.fragment.time));
}

/// Only what is needed of the samples: how long they last, and whether the first is a key frame.
void readSamples(std::string_view trun, std::uint32_t flags, std::uint32_t count, Run& run) {
    std::size_t at = 8 + (flags & hasDataOffset ? 4 : 0);
    std::uint32_t firstFlags = run.defaultFlags;
    if (flags & hasFirstFlags) {
        firstFlags = number32(trun, at);
        at += 4;
    }
    const auto field = [&](std::uint32_t bit) { return flags & bit ? 4U : 0U; };
    const std::size_t step =
        field(hasDuration) + field(hasSize) + field(hasFlags) + field(hasComposition);
    if (flags & hasFlags)
        firstFlags = number32(trun, at + field(hasDuration) + field(hasSize));
    if (run.fragment.frames == 0)
        run.fragment.key = !(firstFlags & isNotSync);
    for (std::uint32_t i = 0; i < count; i++, at += step) {
        if (step != 0)
            number8(trun, at + step - 1);
        run.fragment.duration += flags & hasDuration ? number32(trun, at) : run.defaultDuration;
    }
    run.fragment.frames += count;
}

std::string newSamples(std::string_view trun, Run& run) {
    const std::uint32_t head = number32(trun, 0), flags = head & 0xffffff,
                        count = number32(trun, 4);
    if (count > 1000000)
        bad("a fragment has more than a million frames");
    readSamples(trun, flags, count, run);
    std::string body(trun);
    if (flags & hasDataOffset)
        body.replace(8, 4, bytes32(number32(trun, 8) + run.grown));
    return isoBox("trun", body);
}

std::string newTrack(std::string_view traf, Run& run) {
    std::string body;
    for (const IsoBox& box : isoBoxes(traf))
        if (box.type == "tfhd")
            body += newHeader(box.body, run);
        else if (box.type == "tfdt")
            body += newTime(box.body, run);
        else if (box.type == "trun")
            body += newSamples(box.body, run);
        else
            body += box.whole;
    return isoBox("traf", body);
}

} // namespace

TrackFacts readHeader(std::string_view header) {
    const auto media = isoBody(header, {"moov", "trak", "mdia"});
    const auto mdhd = isoBody(media, "mdhd");
    TrackFacts facts;
    facts.timescale = number32(mdhd, number8(mdhd, 0) == 1 ? 20 : 12);
    if (facts.timescale == 0)
        bad("a track has no timescale");
    readEntry(isoBody(media, {"minf", "stbl", "stsd"}), facts);
    return facts;
}

std::string repairedHeader(std::string header) {
    const std::string_view bytes = header;
    const auto stsd = isoBody(bytes, {"moov", "trak", "mdia", "minf", "stbl", "stsd"});
    number64(stsd, 0);
    for (const IsoBox& entry : isoBoxes(stsd.substr(8))) {
        if (entry.type != "Opus" || entry.body.size() < audioEntry)
            continue;
        // Version, channels, pre-skip (16 bits), rate (32), gain (16): Opus in ISOBMFF, 4.3.2.
        const auto box = isoBody(entry.body.substr(audioEntry), "dOps");
        number64(box, 2);
        if (number32(box, 4) < (1U << 20)) // no rate is larger, and reversed each is
            continue;
        const auto at = header.begin() + (box.data() - bytes.data());
        std::reverse(at + 2, at + 4);
        std::reverse(at + 4, at + 8);
        std::reverse(at + 8, at + 10);
    }
    return header;
}

Fragment readFragment(std::string_view moof, std::string_view mdat, std::uint64_t shift,
                      std::uint32_t sequence) {
    const auto body = isoBody(moof, "moof");
    const auto tfdt = isoBody(body, {"traf", "tfdt"});
    Run run{shift, number8(tfdt, 0) == 1 ? 0U : 4U};
    std::string made;
    for (const IsoBox& box : isoBoxes(body))
        if (box.type == "mfhd")
            made += isoBox("mfhd", bytes32(0) + bytes32(sequence));
        else if (box.type == "traf")
            made += newTrack(box.body, run);
        else
            made += box.whole;
    run.fragment.bytes = isoBox("moof", made);
    run.fragment.bytes += mdat;
    return std::move(run.fragment);
}

} // namespace web
