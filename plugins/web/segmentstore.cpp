#include "web/segmentstore.hpp"

#include "web/transport.hpp"

#include <algorithm>
#include <utility>

namespace web {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;

/// The timeline's zero lies before the first frame: frames that are decoded before they are shown
/// have decoding times below it.
constexpr Nanoseconds lead = 1s;
/// More than a playlist can name: a stream that changes with every frame does not fill the memory.
constexpr unsigned headersKept = 64;

std::uint64_t bitsPerSecond(std::size_t bytes, Nanoseconds time) {
    return time.count() <= 0 ? 0
                             : static_cast<std::uint64_t>(static_cast<double>(bytes) * 8e9 /
                                                          static_cast<double>(time.count()));
}

} // namespace

std::chrono::milliseconds longestSegment(std::chrono::milliseconds wished) {
    return std::max<std::chrono::milliseconds>(10s, 4 * wished);
}

Nanoseconds ticksToTime(std::uint64_t ticks, std::uint32_t timescale) {
    constexpr std::uint64_t second = 1000000000;
    return Nanoseconds(static_cast<std::int64_t>(ticks / timescale * second +
                                                 ticks % timescale * second / timescale));
}

std::uint64_t timeToTicks(Nanoseconds time, std::uint32_t timescale) {
    constexpr std::uint64_t second = 1000000000;
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
    return ns / second * timescale + (ns % second * timescale + second / 2) / second;
}

Nanoseconds SegmentEntry::begin() const { return ticksToTime(time, facts->timescale); }
Nanoseconds SegmentEntry::length() const { return ticksToTime(duration, facts->timescale); }

SegmentStore::Track* SegmentStore::find(const std::string& name) {
    const auto found = std::find_if(tracks_.begin(), tracks_.end(),
                                    [&](const Track& track) { return track.name == name; });
    return found == tracks_.end() ? nullptr : &*found;
}

const SegmentStore::Track* SegmentStore::find(const std::string& name) const {
    return const_cast<SegmentStore*>(this)->find(name);
}

void SegmentStore::expect(const std::string& name) {
    const std::lock_guard lock(mutex_);
    tracks_.emplace_back().name = name;
    std::sort(tracks_.begin(), tracks_.end(), [](const Track& a, const Track& b) {
        return std::make_pair(a.name.size(), a.name) < std::make_pair(b.name.size(), b.name);
    });
}

void SegmentStore::withdraw(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (Track* track = find(name))
        while (!track->segments.empty())
            drop(*track);
    tracks_.erase(std::remove_if(tracks_.begin(), tracks_.end(),
                                 [&](const Track& track) { return track.name == name; }),
                  tracks_.end());
}

void SegmentStore::forget() {
    const std::lock_guard lock(mutex_);
    for (Track& track : tracks_) {
        const std::string name = track.name;
        track = {};
        track.name = name;
    }
    begun_ = false;
    period_ = {};
    periods_.clear();
    end_ = {};
    longest_ = {};
    counters_ = {};
}

Period SegmentStore::periodOf(const Period* seen, bool renew, Nanoseconds now) {
    const std::lock_guard lock(mutex_);
    if (!begun_) {
        begun_ = true;
        period_ = {0, lead};
        periods_[0] = 0ns;
        zero_ = Clock::now() - std::chrono::duration_cast<Clock::duration>(now + lead);
    } else if (renew && seen && seen->number == period_.number) {
        // Time goes on where it would without the change; after a jump back, behind the newest.
        const Nanoseconds begin = std::max(now + period_.shift, end_);
        period_ = {period_.number + 1, begin - now};
        periods_[period_.number] = begin;
        while (periods_.size() > headersKept)
            periods_.erase(periods_.begin());
    }
    return period_;
}

void SegmentStore::begin(const std::string& name, unsigned period, std::string header) {
    TrackFacts facts = readHeader(header);
    begin(name, period, std::move(facts), std::move(header));
}

void SegmentStore::begin(const std::string& name, unsigned period, TrackFacts facts,
                         std::string header) {
    const std::lock_guard lock(mutex_);
    Track* track = find(name);
    if (!track)
        return;
    track->headers[period] = {std::make_shared<const TrackFacts>(std::move(facts)),
                              std::make_shared<const std::string>(std::move(header))};
    while (track->headers.size() > headersKept)
        track->headers.erase(track->headers.begin());
}

Nanoseconds SegmentStore::boundaryAfter(Nanoseconds time) const {
    const Nanoseconds step = std::chrono::milliseconds(settings_.segmentMilliseconds);
    return (time / step + 1) * step;
}

void SegmentStore::add(const std::string& name, unsigned period, const Fragment& fragment) {
    {
        const std::lock_guard lock(mutex_);
        Track* track = find(name);
        if (!track || !track->headers.count(period) || period < track->next.entry.period)
            return;
        put(*track, period, fragment);
    }
    told();
}

/// A fragment ends before a key frame, so a full segment can be closed with it. A part does so
/// anywhere: only the next one tells.
bool SegmentStore::isOverBefore(const Track& track, const Fragment& next) const {
    if (settings_.partMilliseconds == 0 || track.open.empty())
        return false;
    const std::chrono::milliseconds wished(settings_.segmentMilliseconds);
    return next.key ? isFull(track) : track.next.entry.length() >= longestSegment(wished);
}

void SegmentStore::put(Track& track, unsigned period, const Fragment& fragment) {
    track.ended = false; // or it has begun anew, after a seek
    if (period != track.next.entry.period || isOverBefore(track, fragment))
        close(track);
    SegmentEntry& entry = track.next.entry;
    if (track.open.empty()) {
        const Header& header = track.headers.at(period);
        track.next.frames = 0;
        entry = {0, period, fragment.time, 0, header.facts, 0, fragment.key, {}};
        if (entry.facts->transport)
            track.open = countedTables(*header.bytes, track.made);
    }
    if (settings_.partMilliseconds)
        entry.parts.push_back(
            {fragment.duration, track.open.size(), fragment.bytes.size(), fragment.key});
    track.open += fragment.bytes;
    track.next.frames += fragment.frames;
    entry.duration = fragment.time + fragment.duration - std::min(entry.time, fragment.time);
    counters_.frames += fragment.frames;
    if (!settings_.partMilliseconds && isFull(track))
        close(track);
}

/// Times are rounded, and a key frame may be early by as much as a frame lasts.
bool SegmentStore::isFull(const Track& track) const {
    const SegmentEntry& entry = track.next.entry;
    const Nanoseconds tolerance = entry.length() / std::max(track.next.frames, 1U);
    return entry.begin() + entry.length() + tolerance >= boundaryAfter(entry.begin() + tolerance);
}

void SegmentStore::told() const {
    if (made_)
        made_();
}

void SegmentStore::end(const std::string& name) {
    {
        const std::lock_guard lock(mutex_);
        Track* track = find(name);
        if (!track)
            return;
        close(*track);
        track->ended = true;
    }
    told();
}

void SegmentStore::close(Track& track) {
    if (track.open.empty())
        return;
    Segment made = track.next;
    made.entry.size = track.open.size();
    made.bytes = std::make_shared<const std::string>(std::exchange(track.open, {}));
    made.entry.number = track.made++;
    end_ = std::max(end_, made.entry.begin() + made.entry.length());
    longest_ = std::max(longest_, std::chrono::round<std::chrono::seconds>(made.entry.length()));
    counters_.bytes += made.entry.size;
    counters_.segments++;
    track.segments.push_back(std::move(made));
    while (track.segments.size() > 2 * std::size_t{settings_.listed} + 1)
        drop(track);
    bound();
}

/// The oldest segment of a track, and the header that only it needed.
void SegmentStore::drop(Track& track) {
    counters_.bytes -= track.segments.front().entry.size;
    track.segments.pop_front();
    if (!track.segments.empty())
        track.headers.erase(track.headers.begin(),
                            track.headers.lower_bound(track.segments.front().entry.period));
}

void SegmentStore::bound() {
    while (counters_.bytes > settings_.maxBytes) {
        const auto longest =
            std::max_element(tracks_.begin(), tracks_.end(), [](const Track& a, const Track& b) {
                return a.segments.size() < b.segments.size();
            });
        if (longest->segments.size() <= 1)
            return; // the newest of each track is always there
        drop(*longest);
        counters_.discarded++;
    }
}

TrackListing SegmentStore::listingOf(const Track& track) const {
    TrackListing listing{track.name, 0, {}, {}, 0, 0};
    const std::size_t count = std::min<std::size_t>(track.segments.size(), settings_.listed);
    std::size_t bytes = 0;
    unsigned frames = 0;
    Nanoseconds time{0};
    for (auto at = track.segments.end() - static_cast<std::ptrdiff_t>(count);
         at != track.segments.end(); ++at) {
        const Nanoseconds lasts = at->entry.length();
        listing.segments.push_back(at->entry);
        listing.peakBits = std::max(listing.peakBits, bitsPerSecond(at->entry.size, lasts));
        bytes += at->entry.size;
        frames += at->frames;
        time += lasts;
    }
    listing.open = track.open.empty() ? SegmentEntry{} : track.next.entry;
    listing.open.number = track.made;
    listing.meanBits = bitsPerSecond(bytes, time);
    listing.frameRate = time > 0ns ? frames * 1e9 / static_cast<double>(time.count()) : 0;
    return listing;
}

Listing SegmentStore::listing() const {
    const std::lock_guard lock(mutex_);
    Listing listing;
    listing.zero = zero_;
    listing.target = std::chrono::milliseconds(settings_.segmentMilliseconds);
    listing.part = std::chrono::milliseconds(settings_.partMilliseconds);
    listing.longest = std::max(longest_, std::chrono::ceil<std::chrono::seconds>(listing.target));
    listing.ended = !tracks_.empty() &&
                    std::all_of(tracks_.begin(), tracks_.end(), [](auto& t) { return t.ended; });
    bool young = true;
    for (const Track& track : tracks_) {
        listing.beginning |= track.made == 0 && !track.headers.empty();
        young &= track.made <= 2;
        if (!track.segments.empty())
            listing.tracks.push_back(listingOf(track));
    }
    listing.beginning &= young;
    for (const TrackListing& track : listing.tracks)
        for (const SegmentEntry& entry : track.segments)
            if (const auto begin = periods_.find(entry.period); begin != periods_.end())
                listing.periods.insert(*begin);
    return listing;
}

Bytes SegmentStore::header(const std::string& name, unsigned period) const {
    const std::lock_guard lock(mutex_);
    const Track* track = find(name);
    if (!track)
        return nullptr;
    const auto found = track->headers.find(period);
    return found == track->headers.end() || found->second.facts->transport ? nullptr
                                                                           : found->second.bytes;
}

Bytes SegmentStore::segment(const std::string& name, std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const Track* track = find(name);
    if (!track || track->segments.empty())
        return nullptr;
    const std::uint64_t first = track->segments.front().entry.number;
    if (number < first || number - first >= track->segments.size())
        return nullptr;
    return track->segments[static_cast<std::size_t>(number - first)].bytes;
}

Bytes SegmentStore::part(const std::string& name, std::uint64_t number, std::size_t index) const {
    const std::lock_guard lock(mutex_);
    const Track* track = find(name);
    if (!track)
        return nullptr;
    const bool open = number == track->made && !track->open.empty();
    const std::uint64_t first = track->made - track->segments.size();
    if (!open && (number < first || number >= track->made))
        return nullptr;
    const Segment& segment =
        open ? track->next : track->segments[static_cast<std::size_t>(number - first)];
    if (index >= segment.entry.parts.size())
        return nullptr;
    const PartEntry& part = segment.entry.parts[index];
    return std::make_shared<const std::string>(
        (open ? track->open : *segment.bytes).substr(part.begin, part.size));
}

SegmentStore::Answer SegmentStore::answerTo(const Wish& wish) const {
    const std::lock_guard lock(mutex_);
    const Track* track = find(wish.track);
    if (!track)
        return Answer::NoTrack;
    if (wish.segment > track->made + 1)
        return Answer::Never;
    if (wish.segment < track->made || track->ended)
        return Answer::Made;
    const std::size_t parts = track->open.empty() ? 0 : track->next.entry.parts.size();
    if (wish.segment == track->made && wish.part && *wish.part < parts)
        return Answer::Made;
    return Answer::ToCome;
}

Bytes SegmentStore::segmentAt(const std::string& name, std::uint64_t time) const {
    const std::lock_guard lock(mutex_);
    if (const Track* track = find(name))
        for (const Segment& segment : track->segments)
            if (segment.entry.time == time)
                return segment.bytes;
    return nullptr;
}

SegmentStore::Counters SegmentStore::counters() const {
    const std::lock_guard lock(mutex_);
    Counters counters = counters_;
    counters.periods = begun_ ? period_.number + 1 : 0;
    return counters;
}

} // namespace web
