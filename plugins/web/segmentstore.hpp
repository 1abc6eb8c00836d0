#pragma once

#include "web/cmaf.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace web {

using Nanoseconds = std::chrono::nanoseconds;
using Bytes = std::shared_ptr<const std::string>;

/// What segments are.
enum class Container { FragmentedMp4, TransportStream };

/// What a user sets of the window that is kept.
struct WindowSettings {
    unsigned segmentMilliseconds = 2000; ///< a segment ends with the first key frame after it
    unsigned listed = 6;                 ///< segments of a playlist
    std::size_t maxBytes = 256 << 20;    ///< of all segments; the oldest go first
    unsigned partMilliseconds = 0;       ///< fragments are parts of this length; 0: there are none
};

/// A piece of a segment that can be had before the rest of it is made (draft-pantos-hls-rfc8216bis,
/// 4.4.4.9).
struct PartEntry {
    std::uint64_t duration = 0;      ///< ticks
    std::size_t begin = 0, size = 0; ///< bytes of the segment
    bool key = false;                ///< it can be played without the one before
};

/// A segment as playlists list it.
struct SegmentEntry {
    std::uint64_t number = 0; ///< 0 for the first of its track
    unsigned period = 0;      ///< pictures of one period belong to one header, and have no gaps
    std::uint64_t time = 0, duration = 0;    ///< ticks from the timeline's zero
    std::shared_ptr<const TrackFacts> facts; ///< with the ticks' timescale
    std::size_t size = 0;                    ///< bytes
    bool key = false;                        ///< it can be played without the one before
    std::vector<PartEntry> parts;            ///< where they are told of

    Nanoseconds begin() const;
    Nanoseconds length() const;
};

/// A track as playlists list it: the newest segments, one at least.
struct TrackListing {
    std::string name; ///< "video_0"
    const TrackFacts& facts() const { return *segments.back().facts; }
    double frameRate = 0;
    std::vector<SegmentEntry> segments;
    SegmentEntry open; ///< the one that is being made: its number, and its parts
    std::uint64_t peakBits = 0, meanBits = 0; ///< a second
};

struct Listing {
    std::vector<TrackListing> tracks;           ///< those that have segments
    std::chrono::system_clock::time_point zero; ///< the time of day at the timeline's zero
    std::chrono::milliseconds target{0};        ///< a segment's length, as wished
    std::chrono::milliseconds part{0};          ///< a part's length, as wished; 0: there are none
    std::chrono::seconds longest{0};            ///< of any segment so far, rounded
    std::map<unsigned, Nanoseconds> periods;    ///< where the listed ones begin
    bool ended = false;                         ///< no segment will come any more
    bool beginning = false; ///< a track that has begun has no segment yet, and no other many
};

/// Where all tracks of a stream are in time. A change of format, a gap or a jump begins a new
/// period for all of them: players have to be told so in every playlist at the same place.
struct Period {
    unsigned number = 0;
    Nanoseconds shift{0}; ///< from running time to the timeline
};

/// The newest segments of all tracks, in memory, and nothing else: who comes late finds them gone.
/// Twice as many are held as are listed, because a player may ask for one that it has just read of
/// (RFC 8216, 6.2.2). From any thread; nobody waits here for longer than a copy of a few pointers.
class SegmentStore {
public:
    explicit SegmentStore(const WindowSettings& settings) : settings_(settings) {}

    /// A track that is to come; its name has to be unique. The stream has ended when all have.
    void expect(const std::string& track);
    void withdraw(const std::string& track);
    /// Forgets everything but the tracks' names.
    void forget();

    /// The period of a frame of running time `now` for a track that is in `seen` (nothing at its
    /// first frame). `renew`: this track cannot go on in it.
    Period periodOf(const Period* seen, bool renew, Nanoseconds now);

    /// The track's header for a period. Throws base::Error as readHeader() does.
    void begin(const std::string& track, unsigned period, std::string header);
    /// The same of MPEG-TS, where the header is in each segment.
    void begin(const std::string& track, unsigned period, TrackFacts facts, std::string header);
    /// Frames that belong to that header. Segments are cut here: by length, and where the period
    /// changes. What comes late, for a period before, is left out.
    void add(const std::string& track, unsigned period, const Fragment& fragment);
    void end(const std::string& track);

    Listing listing() const;
    /// Nothing for what is gone or never was.
    Bytes header(const std::string& track, unsigned period) const;
    Bytes segment(const std::string& track, std::uint64_t number) const;
    /// A part, of the segment that is being made, too.
    Bytes part(const std::string& track, std::uint64_t number, std::size_t index) const;

    /// What a player waits for: a segment, or a part of it. A part after the last of a segment is
    /// the first of the next.
    struct Wish {
        std::string track;
        std::uint64_t segment = 0;
        std::optional<std::uint64_t> part;
    };
    enum class Answer { Made, ToCome, Never, NoTrack };
    Answer answerTo(const Wish& wish) const;
    /// Called whenever something was made, from any thread. Before anything is.
    void onMade(std::function<void()> made) { made_ = std::move(made); }

    /// The one that begins at exactly that time, in ticks.
    Bytes segmentAt(const std::string& track, std::uint64_t time) const;

    struct Counters {
        std::uint64_t segments = 0; ///< made so far, of all tracks
        std::uint64_t frames = 0;
        std::uint64_t discarded = 0; ///< gone before their time for `maxBytes`
        std::size_t bytes = 0;       ///< held now
        unsigned periods = 0;
    };
    Counters counters() const;

    /// Segments end with the first key frame after the next multiple of their length on the
    /// timeline: that way those of all qualities end at the same frame.
    Nanoseconds boundaryAfter(Nanoseconds time) const;

private:
    struct Segment {
        SegmentEntry entry;
        Bytes bytes;
        unsigned frames = 0;
    };
    struct Header {
        std::shared_ptr<const TrackFacts> facts;
        Bytes bytes;
    };
    struct Track {
        std::string name;
        std::map<unsigned, Header> headers; ///< by period
        std::deque<Segment> segments;
        std::string open; ///< fragments of the segment that is being made
        Segment next;
        std::uint64_t made = 0; ///< segments so far
        bool ended = false;
    };

    Track* find(const std::string& name);
    const Track* find(const std::string& name) const;
    void put(Track& track, unsigned period, const Fragment& fragment);
    bool isFull(const Track& track) const;
    bool isOverBefore(const Track& track, const Fragment& next) const;
    void told() const;
    void close(Track& track);
    void drop(Track& track);
    void bound();
    TrackListing listingOf(const Track& track) const;

    const WindowSettings settings_;
    std::function<void()> made_;
    mutable std::mutex mutex_; ///< for all below
    std::vector<Track> tracks_;
    std::chrono::system_clock::time_point zero_{};
    bool begun_ = false;
    Period period_;
    std::map<unsigned, Nanoseconds> periods_;
    Nanoseconds end_{0}; ///< of the newest segment
    std::chrono::seconds longest_{0};
    Counters counters_;
};

/// A segment ends after this, key frame or not: some cameras make one in many minutes.
std::chrono::milliseconds longestSegment(std::chrono::milliseconds wished);

/// Ticks as a time; exact to a nanosecond for a hundred years.
Nanoseconds ticksToTime(std::uint64_t ticks, std::uint32_t timescale);
std::uint64_t timeToTicks(Nanoseconds time, std::uint32_t timescale);

} // namespace web
