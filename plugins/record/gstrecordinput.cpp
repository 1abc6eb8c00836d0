#include "gstrecordinput.hpp"

#include "glue/feeding.hpp"
#include "glue/guard.hpp"

#include <gst/video/video.h>

namespace record {
namespace {

using glue::Ref;

/// Between two frames; more is a camera that was lost.
constexpr Time longestStep = std::chrono::seconds(1);

bool isVideo(GstPadTemplate* padTemplate) {
    return g_str_equal(GST_PAD_TEMPLATE_NAME_TEMPLATE(padTemplate), "video");
}

std::optional<Time> runningTime(const GstSegment& segment, GstClockTime time) {
    guint64 value = 0;
    const int sign = gst_segment_to_running_time_full(&segment, GST_FORMAT_TIME, time, &value);
    if (!GST_CLOCK_TIME_IS_VALID(time) || sign == 0)
        return std::nullopt;
    return Time(sign * static_cast<gint64>(value));
}

} // namespace

RecordInput::RecordInput(GstElement* element, GstPadTemplate* padTemplate, const char* name)
    : element_(element),
      pad_(GST_PAD(gst_object_ref_sink(gst_pad_new_from_template(padTemplate, name)))),
      video_(isVideo(padTemplate)) {
    gst_pad_set_element_private(pad_.get(), this);
    gst_pad_set_chain_function(pad_.get(), onBuffer);
    gst_pad_set_event_function(pad_.get(), onEvent);
}

void RecordInput::attach(std::shared_ptr<Recorder> recorder) {
    const std::lock_guard<std::mutex> lock(mutex_);
    recorder_ = std::move(recorder);
    number_ = recorder_->addStream(video_);
}

void RecordInput::detach() {
    const std::lock_guard<std::mutex> lock(mutex_);
    recorder_.reset();
    caps_.reset();
    latest_.reset();
}

void RecordInput::dispose() {
    if (const auto recorder = this->recorder())
        recorder->removeStream(number_);
    detach();
}

std::shared_ptr<Recorder> RecordInput::recorder() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return recorder_;
}

void RecordInput::askForKeyFrame(std::size_t stream) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!video_ || number_ != stream)
            return;
    }
    gst_pad_push_event(pad_.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

GstFlowReturn RecordInput::onBuffer(GstPad* pad, GstObject*, GstBuffer* buffer) {
    auto* self = static_cast<RecordInput*>(gst_pad_get_element_private(pad));
    return glue::guard(self->element_, GST_FLOW_ERROR,
                       [&] { return self->take(Ref<GstBuffer>(buffer)); });
}

GstFlowReturn RecordInput::take(Ref<GstBuffer> buffer) {
    const auto recorder = this->recorder();
    if (!recorder)
        return GST_FLOW_FLUSHING;
    if (!caps_ || segment_.format != GST_FORMAT_TIME)
        return GST_FLOW_NOT_NEGOTIATED;
    auto pts = runningTime(segment_, GST_BUFFER_PTS(buffer.get()));
    const auto dts = runningTime(segment_, GST_BUFFER_DTS(buffer.get()));
    // From the second of two pictures with one time h264parse takes it away (see onvifsrc).
    if (!pts && !dts && latest_)
        pts = *latest_ + step_;
    if (!pts && !dts) {
        GST_WARNING_OBJECT(pad_.get(), "a frame without a time is left out");
        return GST_FLOW_OK;
    }
    Frame frame;
    frame.time = dts ? *dts : *pts;
    const Time step = latest_ ? frame.time - *latest_ : Time(0);
    if (step > Time(0) && step < longestStep)
        step_ = step;
    latest_ = frame.time;
    frame.key = !GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    frame.bytes = gst_buffer_get_size(buffer.get());
    frame.format = std::shared_ptr<GstCaps>(glue::share(caps_.get()));
    frame.payload = std::make_shared<Packet>(Packet{std::move(buffer), pts, dts});
    return recorder->push(number_, live_, std::move(frame)) ? GST_FLOW_OK : GST_FLOW_FLUSHING;
}

bool RecordInput::setCaps(GstCaps* caps) {
    return glue::guard(element_, false, [&] {
        if (const auto recorder = this->recorder())
            checkFits(recorder->container(), video_, caps);
        if (!caps_ || !gst_caps_is_equal(caps_.get(), caps))
            caps_ = glue::share(caps);
        live_ = glue::isLive(pad_.get());
        return true;
    });
}

gboolean RecordInput::onEvent(GstPad* pad, GstObject*, GstEvent* taken) {
    const Ref<GstEvent> event(taken);
    auto* self = static_cast<RecordInput*>(gst_pad_get_element_private(pad));
    const auto recorder = self->recorder();
    GstCaps* caps = nullptr;
    switch (GST_EVENT_TYPE(taken)) {
    case GST_EVENT_STREAM_START:
        // A live stream may be announced and never send a thing, not even its end.
        if (recorder && !glue::isLive(pad))
            recorder->start(self->number_);
        break;
    case GST_EVENT_CAPS:
        gst_event_parse_caps(taken, &caps);
        return self->setCaps(caps);
    case GST_EVENT_SEGMENT:
        gst_event_copy_segment(taken, &self->segment_);
        break;
    case GST_EVENT_EOS:
        if (recorder)
            recorder->end(self->number_);
        break;
    default:
        break;
    }
    return TRUE;
}

} // namespace record
