#include "web/manifest.hpp"

#include "net/xml.hpp"
#include "web/playlist.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace web {
namespace {

using std::to_string;

/// "PT1.500000S"
std::string duration(Nanoseconds time) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    char text[64];
    std::snprintf(text, sizeof text, "PT%lld.%06lldS", static_cast<long long>(us / 1000000),
                  static_cast<long long>(us % 1000000));
    return text;
}

std::string attribute(const char* name, const std::string& value) {
    return std::string(" ") + name + "=\"" + net::xmlEscape(value) + "\"";
}

std::vector<SegmentEntry> inPeriod(const TrackListing& track, unsigned period) {
    std::vector<SegmentEntry> entries;
    std::copy_if(track.segments.begin(), track.segments.end(), std::back_inserter(entries),
                 [=](const SegmentEntry& entry) { return entry.period == period; });
    return entries;
}

std::string timeline(const std::vector<SegmentEntry>& entries) {
    std::string text = "<SegmentTimeline>";
    for (const SegmentEntry& entry : entries)
        text += "<S" + attribute("t", to_string(entry.time)) +
                attribute("d", to_string(entry.duration)) + "/>";
    return text + "</SegmentTimeline>";
}

std::string segments(const TrackListing& track, unsigned period, Nanoseconds begin,
                     const std::vector<SegmentEntry>& entries) {
    const std::uint32_t scale = entries.front().facts->timescale;
    return "<SegmentTemplate" + attribute("timescale", to_string(scale)) +
           attribute("presentationTimeOffset", to_string(timeToTicks(begin, scale))) +
           attribute("initialization", track.name + "/init-" + to_string(period) + ".mp4") +
           attribute("media", track.name + "/t$Time$.m4s") + ">" + timeline(entries) +
           "</SegmentTemplate>";
}

std::string representation(const TrackListing& track, unsigned period, Nanoseconds begin,
                           const std::vector<SegmentEntry>& entries) {
    const TrackFacts& facts = *entries.front().facts;
    std::string text =
        "<Representation" + attribute("id", track.name) + attribute("codecs", facts.codecs) +
        attribute("bandwidth", to_string(std::max<std::uint64_t>(track.peakBits, 1)));
    if (facts.video)
        text += attribute("width", to_string(facts.width)) +
                attribute("height", to_string(facts.height)) +
                attribute("frameRate",
                          to_string(std::max(1L, std::lround(track.frameRate * 1000))) + "/1000");
    else
        text += attribute("audioSamplingRate", to_string(facts.rate));
    text += ">";
    if (!facts.video)
        text += "<AudioChannelConfiguration"
                " schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\"" +
                attribute("value", to_string(facts.channels)) + "/>";
    return text + segments(track, period, begin, entries) + "</Representation>";
}

/// Players change between what is in one set: pictures of one codec, or sound of one.
std::string sets(const Listing& listing, unsigned period, Nanoseconds begin) {
    std::map<std::pair<bool, std::string>, std::string> sets;
    for (const TrackListing& track : listing.tracks)
        if (const auto entries = inPeriod(track, period); !entries.empty())
            sets[{!entries[0].facts->video, entries[0].facts->codecs.substr(0, 4)}] +=
                representation(track, period, begin, entries);
    std::string text;
    for (const auto& [kind, representations] : sets)
        text += "<AdaptationSet" + attribute("contentType", kind.first ? "audio" : "video") +
                attribute("mimeType", kind.first ? "audio/mp4" : "video/mp4") +
                " segmentAlignment=\"true\" startWithSAP=\"1\">" + representations +
                "</AdaptationSet>";
    return text;
}

struct Extent {
    Nanoseconds begin = Nanoseconds::max(), end{0};
};

Extent extentOf(const Listing& listing) {
    Extent all;
    for (const TrackListing& track : listing.tracks)
        for (const SegmentEntry& entry : track.segments) {
            all.begin = std::min(all.begin, entry.begin());
            all.end = std::max(all.end, entry.begin() + entry.length());
        }
    return all;
}

std::string timing(const Listing& listing) {
    const Extent all = extentOf(listing);
    if (listing.ended)
        return attribute("type", "static") +
               attribute("mediaPresentationDuration", duration(all.end));
    const Nanoseconds longest = listing.longest;
    return attribute("type", "dynamic") +
           attribute("availabilityStartTime", isoTime(listing.zero)) +
           attribute("minimumUpdatePeriod", duration(listing.target)) +
           attribute("timeShiftBufferDepth", duration(all.end - std::min(all.begin, all.end))) +
           // Three segments behind: one is being made, one on its way, one plays.
           attribute("suggestedPresentationDelay", duration(3 * longest));
}

} // namespace

std::string manifest(const Listing& listing, std::chrono::system_clock::time_point now) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\""
                       " profiles=\"urn:mpeg:dash:profile:isoff-live:2011\"" +
                       timing(listing) +
                       attribute("maxSegmentDuration", duration(listing.longest)) +
                       attribute("minBufferTime", duration(listing.longest)) +
                       attribute("publishTime", isoTime(now)) + ">";
    for (const auto& [period, begin] : listing.periods)
        text += "<Period" + attribute("id", to_string(period)) +
                attribute("start", duration(begin)) + ">" + sets(listing, period, begin) +
                "</Period>";
    if (!listing.ended)
        text += "<UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:direct:2014\"" +
                attribute("value", isoTime(now)) + "/>";
    return text + "</MPD>\n";
}

} // namespace web
