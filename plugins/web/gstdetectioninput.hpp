#pragma once

#include "base/detection.hpp"
#include "glue/appinput.hpp"
#include "web/frametimes.hpp"

#include <gst/gst.h>

#include <functional>

namespace web {

/// The camera's own clock as the buffer tells it (GstReferenceTimestampMeta, timestamp/x-ntp), and
/// its running time in `segment`.
Moment momentOf(GstBuffer* buffer, const GstSegment* segment);

/// An input of whepsink of which only what was found is wanted: pictures that a detector has looked
/// at, of another stream of the same camera. It never waits and never holds the pipeline back.
class DetectionInput {
public:
    /// In the streaming thread; `when` is the moment of the frame that the network saw.
    using Found = std::function<void(const base::Detections& detections, const Moment& when)>;

    DetectionInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName, Found found);
    DetectionInput(const DetectionInput&) = delete;
    DetectionInput& operator=(const DetectionInput&) = delete;

    GstPad* pad() const { return in_.pad(); }
    /// Takes the element out of the bin.
    void dispose() { in_.dispose(); }

private:
    static GstFlowReturn onSample(GstAppSink* sink, gpointer self);
    void read(GstSample* sample);

    glue::AppInput in_;
    Found found_;
    std::int64_t last_ = -1; ///< running time of what was found last; streaming thread
};

} // namespace web
