#include "web/playlist.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace web {
namespace {

using std::to_string;
using std::chrono::system_clock;

std::string fixed(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    std::replace(text, text + sizeof text, ',', '.'); // whatever the application's locale
    return text;
}

const TrackListing* firstSound(const Listing& listing) {
    for (const TrackListing& track : listing.tracks)
        if (!track.facts().video)
            return &track;
    return nullptr;
}

/// MPEG-4 part 3 and Opus may both be there; every quality names what its players have to know.
std::string streamLine(const TrackListing& track, const TrackListing* sound) {
    const auto peak = track.peakBits + (sound ? sound->peakBits : 0);
    const auto mean = track.meanBits + (sound ? sound->meanBits : 0);
    std::string line =
        "#EXT-X-STREAM-INF:BANDWIDTH=" + to_string(std::max<std::uint64_t>(peak, 1)) +
        ",AVERAGE-BANDWIDTH=" + to_string(std::max<std::uint64_t>(mean, 1)) + ",CODECS=\"" +
        track.facts().codecs + (sound ? "," + sound->facts().codecs : "") + "\"";
    if (track.facts().video)
        line += ",RESOLUTION=" + to_string(track.facts().width) + "x" +
                to_string(track.facts().height) + ",FRAME-RATE=" + fixed(track.frameRate, 3);
    if (sound)
        line += ",AUDIO=\"sound\"";
    return line + "\n" + track.name + ".m3u8\n";
}

std::string soundLines(const Listing& listing) {
    std::string lines;
    for (const TrackListing& track : listing.tracks)
        if (!track.facts().video)
            lines += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"" + track.name +
                     "\",DEFAULT=" + (lines.empty() ? "YES" : "NO") +
                     ",AUTOSELECT=YES,CHANNELS=\"" + to_string(track.facts().channels) +
                     "\",URI=\"" + track.name + ".m3u8\"\n";
    return lines;
}

system_clock::time_point timeOfDay(const Listing& listing, const SegmentEntry& entry) {
    return listing.zero + std::chrono::duration_cast<system_clock::duration>(entry.begin());
}

/// The header comes while no key is in force (RFC 8216, 4.3.2.5): it is no secret.
std::string headerLines(const TrackListing& track, unsigned period, bool again,
                        const std::string& keyUri) {
    std::string lines;
    const bool header = !track.facts().transport;
    if (header && again && !keyUri.empty())
        lines += "#EXT-X-KEY:METHOD=NONE\n";
    if (header)
        lines += "#EXT-X-MAP:URI=\"" + track.name + "/init-" + to_string(period) + ".mp4\"\n";
    // Without an IV attribute it is the segment's number (RFC 8216, 5.2).
    if (!keyUri.empty())
        lines += "#EXT-X-KEY:METHOD=AES-128,URI=\"" + keyUri + "\"\n";
    return lines;
}

/// Players of MPEG-TS are old, and may refuse versions that they do not know.
std::string opening(const Listing& listing) {
    const bool old = std::any_of(listing.tracks.begin(), listing.tracks.end(),
                                 [](auto& track) { return track.facts().transport; });
    return std::string("#EXTM3U\n#EXT-X-VERSION:") + (old ? "3" : "7") + "\n";
}

std::string seconds(const SegmentEntry& entry, std::uint64_t ticks) {
    return fixed(static_cast<double>(ticksToTime(ticks, entry.facts->timescale).count()) / 1e9, 6);
}

/// Of the newest segments only: players that are further behind take whole ones.
constexpr std::size_t segmentsWithParts = 3;

std::string partLines(const TrackListing& track, const SegmentEntry& entry) {
    std::string lines;
    for (std::size_t i = 0; i < entry.parts.size(); i++)
        lines += "#EXT-X-PART:DURATION=" + seconds(entry, entry.parts[i].duration) + ",URI=\"" +
                 track.name + "/" + to_string(entry.number) + "." + to_string(i) + ".m4s\"" +
                 (entry.parts[i].key ? ",INDEPENDENT=YES" : "") + "\n";
    return lines;
}

/// What players may do, and how far from the end they have to stay: three parts.
std::string partsHead(std::chrono::milliseconds part) {
    const double target = 1e-3 * static_cast<double>(longestPart(part).count());
    return "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=" + fixed(3 * target, 3) +
           "\n#EXT-X-PART-INF:PART-TARGET=" + fixed(target, 3) + "\n";
}

/// The segment that is being made, what comes next, and where the other playlists are.
std::string partsTail(const Listing& listing, const TrackListing& track) {
    std::string lines;
    if (!track.open.parts.empty() && track.open.period != track.segments.back().period)
        lines = "#EXT-X-DISCONTINUITY\n" + headerLines(track, track.open.period, true, "");
    lines += partLines(track, track.open);
    lines += "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" + track.name + "/" +
             to_string(track.open.number) + "." + to_string(track.open.parts.size()) + ".m4s\"\n";
    for (const TrackListing& other : listing.tracks) {
        if (other.name == track.name)
            continue;
        const bool open = !other.open.parts.empty();
        const SegmentEntry& newest = open ? other.open : other.segments.back();
        lines += "#EXT-X-RENDITION-REPORT:URI=\"" + other.name +
                 ".m3u8\",LAST-MSN=" + to_string(newest.number) +
                 ",LAST-PART=" + to_string(std::max<std::size_t>(newest.parts.size(), 1) - 1) +
                 "\n";
    }
    return lines;
}

} // namespace

std::chrono::milliseconds longestPart(std::chrono::milliseconds part) { return part * 23 / 20; }

std::string isoTime(system_clock::time_point time) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
    const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                  parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                  static_cast<int>(ms % 1000));
    return text;
}

std::string multivariantPlaylist(const Listing& listing) {
    std::string text = opening(listing) + "#EXT-X-INDEPENDENT-SEGMENTS\n";
    const TrackListing* sound = firstSound(listing);
    const bool pictures = std::any_of(listing.tracks.begin(), listing.tracks.end(),
                                      [](auto& track) { return track.facts().video; });
    if (!pictures) {
        for (const TrackListing& track : listing.tracks)
            text += streamLine(track, nullptr);
        return text;
    }
    text += soundLines(listing);
    for (const TrackListing& track : listing.tracks)
        if (track.facts().video)
            text += streamLine(track, sound);
    return text;
}

std::string mediaPlaylist(const Listing& listing, const TrackListing& track,
                          const std::string& keyUri) {
    const SegmentEntry& first = track.segments.front();
    std::string text = opening(listing) +
                       "#EXT-X-TARGETDURATION:" + to_string(listing.longest.count()) +
                       "\n#EXT-X-MEDIA-SEQUENCE:" + to_string(first.number) +
                       "\n#EXT-X-DISCONTINUITY-SEQUENCE:" + to_string(first.period) + "\n";
    const bool parts = listing.part.count() > 0;
    if (parts)
        text += partsHead(listing.part);
    const char* ending = track.facts().transport ? ".ts\n" : ".m4s\n";
    const SegmentEntry* before = nullptr;
    for (const SegmentEntry& entry : track.segments) {
        const bool renewed = before && entry.period != before->period;
        if (renewed)
            text += "#EXT-X-DISCONTINUITY\n";
        if (!before || renewed)
            text += headerLines(track, entry.period, before, keyUri);
        text += "#EXT-X-PROGRAM-DATE-TIME:" + isoTime(timeOfDay(listing, entry)) + "\n";
        if (parts && entry.number + segmentsWithParts > track.segments.back().number)
            text += partLines(track, entry);
        text += "#EXTINF:" + fixed(static_cast<double>(entry.length().count()) / 1e9, 6) + ",\n" +
                track.name + "/" + to_string(entry.number) + ending;
        before = &entry;
    }
    if (parts && !listing.ended)
        text += partsTail(listing, track);
    return listing.ended ? text + "#EXT-X-ENDLIST\n" : text;
}

} // namespace web
