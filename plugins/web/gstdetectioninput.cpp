#include "web/gstdetectioninput.hpp"

#include "base/error.hpp"
#include "glue/detectionmeta.hpp"

#include <utility>

namespace web {
namespace {

using glue::Ref;

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
    : bin_(bin), found_(std::move(found)) {
    GstElement* sink = gst_element_factory_make("appsink", nullptr);
    if (!sink)
        throw base::Error(base::ErrorKind::NotFound,
                          "The element appsink is missing: install gstreamer1.0-plugins-base.");
    sink_.reset(GST_ELEMENT(gst_object_ref_sink(sink)));
    // Without preroll: a network that is still loading does not keep the picture from playing.
    g_object_set(sink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = onSample;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, this, nullptr);
    gst_bin_add(bin, sink);
    const Ref<GstPad> in(gst_element_get_static_pad(sink, "sink"));
    pad_ = gst_ghost_pad_new_from_template(padName, in.get(), padTemplate);
    gst_element_sync_state_with_parent(sink);
}

void DetectionInput::dispose() {
    gst_element_set_state(sink_.get(), GST_STATE_NULL);
    if (GST_OBJECT_PARENT(sink_.get()) == GST_OBJECT(bin_))
        gst_bin_remove(bin_, sink_.get());
}

GstFlowReturn DetectionInput::onSample(GstAppSink* sink, gpointer data) {
    if (const Ref<GstSample> sample{gst_app_sink_try_pull_sample(sink, 0)})
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
