#pragma once

#include "cutting.hpp"
#include "filenames.hpp"
#include "gstrecordfile.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace record {

/// The payload of a Frame; times are running times, and may be below zero for a frame that is
/// decoded before the first one is shown.
struct Packet {
    glue::Ref<GstBuffer> buffer;
    std::optional<Time> pts, dts;
};

/// One recording: the frames of all streams wait here until a thread of its own has put them into
/// files.
class Recorder {
public:
    struct Counters {
        guint64 files = 0, frames = 0, bytes = 0;
        guint64 dropped = 0; ///< because the disk did not keep up
        guint64 left = 0;    ///< see Cutting::left()
    };

    /// `asked` gets the number of a stream that is to make a key frame; `ended` is called once all
    /// is written after the streams have ended. Both in the thread of the recorder. Throws
    /// base::Error, see FileNames.
    Recorder(GstElement* element, const RecordSettings& settings,
             std::function<void(std::size_t)> asked, std::function<void()> ended);
    /// Writes what still waits, for as long as end-timeout.
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    std::size_t addStream(bool video);
    void removeStream(std::size_t stream);
    void start(std::size_t stream);
    void end(std::size_t stream);
    /// The payload is a Packet and the format are GstCaps. A live stream loses its oldest where the
    /// disk does not keep up; another one waits here. False when it is over.
    bool push(std::size_t stream, bool live, Frame frame);
    /// Lets whoever waits in push() go.
    void stopWaiting();
    Counters counters() const;
    Container container() const { return settings_.container; }

private:
    void run();
    std::optional<Step> nextStep(std::unique_lock<std::mutex>& lock);
    void waitForWork(std::unique_lock<std::mutex>& lock);
    bool isAhead() const;
    bool isOverdue() const;
    void carryOut(const Step& step);
    void begin(const Step& step);
    void openFile();
    void endTrack(std::size_t stream);
    void write(const Step& step);
    void endFile();
    void makeRoom();
    void tell(const char* what, const std::string& path, Time time);

    GstElement* const element_;
    const RecordSettings settings_;
    const std::function<void(std::size_t)> asked_;
    const std::function<void()> ended_;

    mutable std::mutex mutex_; ///< for all below
    std::condition_variable work_, room_;
    Cutting cutting_;
    Counters counters_;
    std::vector<bool> video_; ///< by stream
    bool stopping_ = false, letGo_ = false, endTold_ = false, live_ = false;
    std::chrono::steady_clock::time_point deadline_{}; ///< once it is stopping
    std::chrono::steady_clock::time_point moved_{};    ///< when there was something to do last

    // The thread only.
    FileNames names_;
    std::deque<std::string> paths_;
    std::optional<Step> beginning_; ///< of a file that has nothing yet, and is not there
    std::unique_ptr<RecordFile> file_;
    std::vector<std::optional<std::size_t>> tracks_; ///< of the file, by stream
    Time newest_{0};
    std::thread thread_; ///< last: it begins when all else is there
};

} // namespace record
