#pragma once

#include "gstrecorder.hpp"

namespace record {

/// One input of recordsink: its pad's frames go to the recorder while there is one.
class RecordInput {
public:
    RecordInput(GstElement* element, GstPadTemplate* padTemplate, const char* name);
    RecordInput(const RecordInput&) = delete;
    RecordInput& operator=(const RecordInput&) = delete;

    /// To be activated and added to the element.
    GstPad* pad() const { return pad_.get(); }

    void attach(std::shared_ptr<Recorder> recorder);
    /// Nothing flows any more: forgets what did.
    void detach();
    /// Asks upstream, where this is what the recorder calls `stream`.
    void askForKeyFrame(std::size_t stream);
    /// The pad is being taken away.
    void dispose();

private:
    static GstFlowReturn onBuffer(GstPad* pad, GstObject*, GstBuffer* buffer);
    static gboolean onEvent(GstPad* pad, GstObject*, GstEvent* event);
    GstFlowReturn take(glue::Ref<GstBuffer> buffer);
    bool setCaps(GstCaps* caps);
    std::shared_ptr<Recorder> recorder() const;

    GstElement* const element_;
    const glue::Ref<GstPad> pad_; ///< the recorder's thread may ask it for a key frame as it goes
    const bool video_;

    mutable std::mutex mutex_; ///< for the next two
    std::shared_ptr<Recorder> recorder_;
    std::size_t number_ = 0; ///< of the stream in there

    // The streaming thread only.
    GstSegment segment_{};
    glue::Ref<GstCaps> caps_;
    bool live_ = true;
    std::optional<Time> latest_;               ///< of a frame
    Time step_{std::chrono::milliseconds(40)}; ///< to it from the one before
};

} // namespace record
