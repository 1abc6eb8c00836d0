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

struct SegmenterTask {
    std::string track;
    unsigned period;
    Nanoseconds first; ///< the timeline's time of the first frame
    std::chrono::milliseconds segment;
    std::chrono::milliseconds part; ///< 0: fragments are as long as they can be
    Container container;
};

/// Makes fragments of the frames of one track and one format: an mp4mux or mpegtsmux in a pipeline
/// of its own, so that nobody who pushes frames waits for anything. Frames that it cannot keep up
/// with are dropped, oldest first.
class Segmenter {
public:
    /// Errors are posted on `element`, which has to outlive this. Throws base::Error: NotFound when
    /// elements are missing, Unsupported for frames that the container cannot hold.
    Segmenter(GstElement* element, std::shared_ptr<SegmentStore> store, const SegmenterTask& task,
              GstCaps* caps);
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
    struct Boxes;
    struct Packets;
    static std::shared_ptr<Output> output(GstElement* element, std::shared_ptr<SegmentStore> store,
                                          const SegmenterTask& task, GstCaps* caps);

    std::shared_ptr<Output> output_;
    glue::Ref<GstElement> pipeline_, source_;
};

} // namespace web
