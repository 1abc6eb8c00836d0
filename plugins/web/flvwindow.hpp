#pragma once

#include "web/flv.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace web {

/// What is held of a stream.
struct FlvLimits {
    std::chrono::milliseconds lag{3000}; ///< a reader this far behind is moved on to a key frame
    std::size_t bytes = 32 << 20;        ///< of all that is held, for readers who are behind
};

/// The newest tags of a live FLV stream, and where each of its readers is in them. A reader begins
/// with what decoders have to know and the newest key frame, whenever it comes. One that is too far
/// behind goes on with the newest key frame and never gets what lies between.
///
/// Each reader has a clock of its own that begins near zero and has no gaps: players take a first
/// timestamp of days for a stream that has not begun, read the highest bit as a sign (after 24
/// days), and stop at a hole that a moved reader would see. The source may set its clock anew,
/// too: an RTMP server does when its publisher comes back.
///
/// From one thread at a time.
class FlvWindow {
public:
    explicit FlvWindow(const FlvLimits& limits) : limits_(limits) {}

    struct Reader {
        std::uint64_t missed = 0; ///< tags that it was moved over
        bool over = false;        ///< its clock has come to the end of what players read

    private:
        friend class FlvWindow;
        bool begun = false;
        std::uint64_t next = 0;
        std::int64_t shift = 0; ///< from the window's time to the reader's
        std::int64_t sent = 0;  ///< the reader's time of what it got last
    };

    /// Any piece of the stream. Throws base::Error as FlvReader does.
    void take(const unsigned char* data, std::size_t size);
    /// Another stream may come. Readers stay where they are in time.
    void forget();

    /// What the reader gets next, at most a tag more than `most` bytes. Empty when there is nothing
    /// new, or no key frame to begin with yet.
    std::string read(Reader& reader, std::size_t most) const;

    /// Somebody who comes now gets a picture at once.
    bool isLive() const { return beginning().has_value(); }
    std::size_t bytes() const { return bytes_; }
    std::uint64_t frames() const { return frames_; } ///< pictures and frames of sound so far

private:
    struct Entry {
        FlvTag tag;
        std::int64_t time; ///< milliseconds, never wrapping
    };

    void begin();
    void add(FlvTag tag);
    bool learn(const FlvTag& tag);
    std::int64_t timeOf(std::uint32_t timestamp);
    void bound();
    std::uint64_t end() const { return first_ + entries_.size(); }
    const Entry& entry(std::uint64_t number) const { return entries_[number - first_]; }
    std::optional<std::uint64_t> beginning() const;
    bool open(Reader& reader, std::string& out) const;
    void moveOn(Reader& reader) const;
    std::string opening() const;

    const FlvLimits limits_;
    FlvReader reader_;
    std::optional<FlvTag> metadata_, video_, audio_; ///< what decoders have to know
    bool hasVideo_ = false, hasAudio_ = false;
    std::optional<std::int64_t> began_; ///< the stream as it is now
    std::optional<std::uint32_t> timestamp_;
    std::int64_t time_ = 0;
    std::deque<Entry> entries_;
    std::uint64_t first_ = 0;          ///< number of entries_.front()
    std::optional<std::uint64_t> key_; ///< number of the newest that one can begin with
    std::size_t bytes_ = 0;
    std::uint64_t frames_ = 0;
};

} // namespace web
