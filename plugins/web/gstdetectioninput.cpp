#include "web/gstdetectioninput.hpp"

#include "glue/detectionmeta.hpp"

#include <utility>

namespace web {
namespace {

/// The detector's own words, or what one of another house said by regions.
std::optional<base::Detections> foundIn(GstSample* sample) {
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    if (auto found = glue::detectionsOf(buffer))
        return found;
    GstCaps* caps = gst_sample_get_caps(sample);
    int width = 0, height = 0;
    if (!caps)
        return std::nullopt;
    const GstStructure* s = gst_caps_get_structure(caps, 0);
    if (!gst_structure_get_int(s, "width", &width) || !gst_structure_get_int(s, "height", &height))
        return std::nullopt;
    return glue::regionsOf(buffer, width, height);
}

/// What has been drawn, has been drawn into this stream's pictures, which nobody sees.
void forgetDrawing(base::Detections& detections) {
    for (base::Detection& object : detections.objects)
        object.drawn = false;
}

/// What a detector that does not hold its stream up says was found in a frame of some time ago.
Moment before(Moment moment, std::chrono::nanoseconds age) {
    for (std::int64_t* time : {&moment.running, &moment.ntp})
        if (*time >= 0)
            *time = std::max<std::int64_t>(0, *time - age.count());
    return moment;
}

} // namespace

Moment momentOf(GstBuffer* buffer, const GstSegment* segment) {
    static GstCaps* const ntp = gst_caps_new_empty_simple("timestamp/x-ntp");
    Moment moment;
    if (const auto* meta = gst_buffer_get_reference_timestamp_meta(buffer, ntp))
        moment.ntp = static_cast<std::int64_t>(meta->timestamp);
    if (!segment || !GST_BUFFER_PTS_IS_VALID(buffer))
        return moment;
    const GstClockTime time =
        gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (GST_CLOCK_TIME_IS_VALID(time))
        moment.running = static_cast<std::int64_t>(time);
    return moment;
}

DetectionInput::DetectionInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName,
                               Found found)
    // Without preroll: a network that is still loading does not keep the picture from playing.
    : in_(bin, padTemplate, padName, glue::AppInput::Preroll::None, this, onSample),
      found_(std::move(found)) {}

GstFlowReturn DetectionInput::onSample(GstAppSink* sink, gpointer data) {
    if (const auto sample = glue::pulled(sink))
        static_cast<DetectionInput*>(data)->read(sample.get());
    return GST_FLOW_OK;
}

void DetectionInput::read(GstSample* sample) {
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    auto detections = buffer ? foundIn(sample) : std::nullopt;
    if (!detections)
        return;
    const Moment when = before(momentOf(buffer, gst_sample_get_segment(sample)), detections->age);
    // The same once more, on a frame that the network has not seen. The camera's clock is no help
    // here: it and ours tell times between frames a little apart.
    if (when.running >= 0 && std::exchange(last_, when.running) == when.running)
        return;
    forgetDrawing(*detections);
    found_(*detections, when);
}

} // namespace web
