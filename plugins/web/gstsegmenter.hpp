#pragma once

#include "glue/ref.hpp"
#include "web/segmentstore.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <string>

namespace web {

/// Makes fragments of the frames of one track and one format: an mp4mux in a pipeline of its own,
/// so that nobody who pushes frames waits for anything. Frames that it cannot keep up with are
/// dropped, oldest first.
class Segmenter {
public:
    /// `first`: the timeline's time of the first frame. Errors are posted on `element`, which has
    /// to outlive this. Throws base::Error when elements are missing.
    Segmenter(GstElement* element, std::shared_ptr<SegmentStore> store, std::string track,
              unsigned period, GstCaps* caps, Nanoseconds first, std::chrono::milliseconds segment);
    ~Segmenter();
    Segmenter(const Segmenter&) = delete;
    Segmenter& operator=(const Segmenter&) = delete;

    /// Times are those of the timeline.
    void push(glue::Ref<GstBuffer> frame);
    /// No more frames; what there is becomes fragments. `last`: the track ends with them.
    void finish(bool last);
    bool finished() const;

private:
    struct Output;
    glue::Ref<GstElement> pipeline_, source_;
    std::shared_ptr<Output> output_;
};

} // namespace web
