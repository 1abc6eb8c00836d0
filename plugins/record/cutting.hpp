#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace record {

using Time = std::chrono::nanoseconds;

struct Frame {
    Time time{0};                 ///< by which frames are put in order
    bool key = true;              ///< it can be decoded without those before it
    std::shared_ptr<void> format; ///< another one where the format is another
    std::shared_ptr<void> payload;
    std::size_t bytes = 0;
};

/// What is to be done next with the files.
struct Step {
    enum class Kind {
        Begin,    ///< a new file of `tracks`; the one before it is over
        Write,    ///< `frame` of `stream`, into the file that began at `begin`
        Silent,   ///< nothing more comes of `stream` in this file
        End,      ///< the file is over
        AskForKey ///< `stream` is to make a key frame
    };
    struct Track {
        std::size_t stream;
        std::shared_ptr<void> format;
    };

    Kind kind;
    std::size_t stream = 0;
    Time begin{0};
    Frame frame{};
    std::vector<Track> tracks{};
};

/// Decides what goes into which file. The frames of all streams are put in one order of time, for
/// which those that flow wait for the others: at the start and later, for no more than
/// `waitForStreams` of media, or half of `maxBytes`. Whoever has sent nothing by then is silent,
/// and no more of this file: muxers wait for all their streams, and what Matroska has for a pause
/// is empty frames. A stream that comes later, or comes back, begins a new file with the next key
/// frame.
///
/// Files go from key frame to key frame of the pictures (or, without any, from sound to sound).
/// Where these stop, jump in time or change their format, the file ends, and with the next key
/// frame all begins again.
class Cutting {
public:
    struct Settings {
        Time maxSizeTime{0}; ///< 0: files end for other reasons alone
        Time waitForStreams{0};
        std::size_t maxBytes = 0;
    };
    /// Pictures further apart than that, or than waitForStreams, are two recordings.
    static constexpr Time maxGap = std::chrono::seconds(3);

    explicit Cutting(const Settings& settings) : settings_(settings) {}

    /// A stream that is waited for from now on. Returns its number.
    std::size_t addStream(bool video);
    /// Nothing more comes of it, and nobody waits for it.
    void removeStream(std::size_t stream);
    /// Something is going to come, or to end.
    void start(std::size_t stream);
    void push(std::size_t stream, Frame frame);
    void end(std::size_t stream);
    void endAll();

    /// Nothing while a stream is waited for, or there is nothing to do. `mayGiveUp`: streams that
    /// have been waited for long enough are silent. Of what is not live one may just be faster.
    std::optional<Step> next(bool mayGiveUp = true);
    /// So much of this stream waits as others are waited for.
    bool isFarAhead(std::size_t stream) const;

    /// At least one stream has ended, and others that had begun have not.
    bool ending() const;
    /// At least one stream has ended, all that had begun have, and all of it has been written.
    bool finished() const;
    /// Of the frames that wait.
    std::size_t bytes() const { return bytes_; }
    /// Drops the oldest that wait, up to the next key frame. Returns how many frames these were.
    std::size_t dropOldest();
    /// Frames that belonged into no file: without a key frame before them, or too late.
    std::size_t left() const { return left_; }

private:
    struct Stream {
        bool video = false, begun = false, ended = false, removed = false;
        bool silent = false; ///< it let the others wait for too long
        bool inFile = false;
        Time last{0}; ///< written into this file
        Time span{0}; ///< how much of it waits, jumps left out
        std::shared_ptr<void> format;
        std::deque<Frame> waiting;

        bool over() const { return ended || removed; }
    };
    struct File {
        std::size_t leader; ///< the stream whose key frames it goes by
        Time begin, last;   ///< of the leader
        bool cut = false;   ///< at the next key frame
        bool asked = false; ///< for one
    };

    Stream* earliest();
    bool complete(bool mayGiveUp);
    std::optional<Step> silenced();
    std::optional<Step> lead(Stream& stream);
    std::optional<Step> follow(Stream& stream);
    std::optional<Step> write(Stream& stream);
    Step begin(std::size_t leader);
    Step end();
    Step ask(std::size_t stream);
    std::optional<std::size_t> leader() const;
    std::size_t indexOf(const Stream& stream) const;
    Frame take(Stream& stream);
    void leave(Stream& stream);
    Time patience() const;
    Time stepAfter(const Frame& frame, const Frame& next) const;
    bool isJump(Time time, bool leads) const;

    const Settings settings_;
    std::vector<Stream> streams_;
    std::optional<File> file_;
    bool asked_ = false; ///< for the key frame that begins a file
    bool torn_ = false;  ///< frames of the leader are missing
    std::size_t bytes_ = 0, left_ = 0;
};

} // namespace record
