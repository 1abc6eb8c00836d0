#pragma once

#include "fragmenttimes.hpp"
#include "glue/ref.hpp"
#include "recordsettings.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace record {

/// One file: a muxer and a filesink in a pipeline of their own, so that a slow disk holds nobody up
/// and every file stands for itself.
class RecordFile {
public:
    struct Track {
        GstCaps* caps; ///< borrowed
        bool video;
    };

    /// Errors are posted on `element`, which has to outlive this. Throws base::Error (NotFound)
    /// when elements are missing.
    RecordFile(GstElement* element, Container container, const std::string& path,
               const std::vector<Track>& tracks);
    /// What could not be finished is given up.
    ~RecordFile();
    RecordFile(const RecordFile&) = delete;
    RecordFile& operator=(const RecordFile&) = delete;

    /// Does not wait. Times are the file's.
    void write(std::size_t track, glue::Ref<GstBuffer> frame);
    /// The muxer is not to wait for this track any more.
    void endTrack(std::size_t track);
    /// More waits for the disk than is of use.
    bool full() const;
    /// No more comes; returns whether the file is done, which may take that long.
    bool finish(std::chrono::milliseconds patience);
    bool failed() const;
    const std::string& path() const { return path_; }

private:
    struct Outcome;
    struct Entry {
        glue::Ref<GstElement> source;
        bool video;
        unsigned index; ///< of its kind
        bool begun = false, ended = false;
    };
    static GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer outcome);

    const std::string path_;
    const std::shared_ptr<Outcome> outcome_;
    const std::shared_ptr<FragmentTimes> times_;
    glue::Ref<GstElement> pipeline_;
    std::vector<Entry> tracks_;
};

/// Throws base::Error (Unsupported) for a format that the container cannot hold, with what to use
/// in its place.
void checkFits(Container container, bool video, GstCaps* caps);

} // namespace record
