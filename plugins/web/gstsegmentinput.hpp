#pragma once

#include "glue/appinput.hpp"
#include "web/gstsegmenter.hpp"

#include <deque>
#include <optional>
#include <vector>

namespace web {

/// One input of segmentsink: takes frames, puts them on the timeline that all inputs share, and
/// asks the encoder for key frames where segments are to begin.
class SegmentInput {
public:
    /// Throws base::Error when the elements it needs are missing.
    SegmentInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName);
    SegmentInput(const SegmentInput&) = delete;
    SegmentInput& operator=(const SegmentInput&) = delete;

    GstPad* pad() const { return in_.pad(); }
    const std::string& name() const { return name_; }
    /// Before frames flow.
    void open(std::shared_ptr<SegmentStore> store, std::chrono::milliseconds segment,
              std::chrono::milliseconds part, Container container);
    /// What still writes, and ends where it is let go of.
    using Rest = std::vector<std::unique_ptr<Segmenter>>;
    /// After they have stopped: forgets what flowed.
    Rest close();
    /// Takes elements and pad out of the bin.
    void dispose();
    guint64 dropped() const { return dropped_; }

private:
    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    static void onEos(GstAppSink* sink, gpointer self);
    void take(GstSample* sample);
    void retire(bool last);
    bool isBreak(GstCaps* caps, Nanoseconds time) const;
    void wishForKeyFrame(Nanoseconds time);
    void ask(GstClockTime runningTime);

    glue::AppInput in_;
    const std::string name_;
    std::shared_ptr<SegmentStore> store_; ///< from open() to close()
    std::chrono::milliseconds segment_{0}, part_{0};
    Container container_ = Container::FragmentedMp4;
    std::atomic<guint64> dropped_{0};

    // The streaming thread only.
    glue::Ref<GstCaps> caps_;
    std::optional<Period> period_;
    std::unique_ptr<Segmenter> segmenter_;
    std::deque<std::unique_ptr<Segmenter>> retired_; ///< those that still write
    std::optional<Nanoseconds> newest_;              ///< running time of the newest frame
    std::optional<Nanoseconds> asked_;               ///< the last key frame that was asked for
};

} // namespace web
