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

} // namespace

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
    const char* ending = track.facts().transport ? ".ts\n" : ".m4s\n";
    const SegmentEntry* before = nullptr;
    for (const SegmentEntry& entry : track.segments) {
        const bool renewed = before && entry.period != before->period;
        if (renewed)
            text += "#EXT-X-DISCONTINUITY\n";
        if (!before || renewed)
            text += headerLines(track, entry.period, before, keyUri);
        text += "#EXT-X-PROGRAM-DATE-TIME:" + isoTime(timeOfDay(listing, entry)) + "\n";
        text += "#EXTINF:" + fixed(static_cast<double>(entry.length().count()) / 1e9, 6) + ",\n" +
                track.name + "/" + to_string(entry.number) + ending;
        before = &entry;
    }
    return listing.ended ? text + "#EXT-X-ENDLIST\n" : text;
}

} // namespace web
