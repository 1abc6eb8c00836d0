#include "gstretryoutput.hpp"

#include "base/error.hpp"
#include "glue/feeding.hpp"

#include <gst/video/video.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace retry {

using glue::Ref;

/// From a picture's decoding to its showing, at most: RTMP can say hours, and a sink would wait.
constexpr GstClockTime maxLag = 3 * GST_SECOND;

/// The time in the pipeline of `element`; nothing where it has none yet.
static GstClockTime timeOf(GstElement* element) {
    const Ref<GstClock> clock(gst_element_get_clock(element));
    const GstClockTime base = gst_element_get_base_time(element);
    if (!clock || !GST_CLOCK_TIME_IS_VALID(base))
        return GST_CLOCK_TIME_NONE;
    const GstClockTime now = gst_clock_get_time(clock.get());
    return now > base ? now - base : 0;
}

/// What the branch's own time says of a buffer.
static std::optional<std::int64_t> stampOf(const GstSegment* segment, GstClockTime time) {
    guint64 position = 0;
    if (!GST_CLOCK_TIME_IS_VALID(time) || segment->format != GST_FORMAT_TIME)
        return std::nullopt;
    const int sign = gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, time, &position);
    if (sign == 0 || position > G_MAXINT64)
        return std::nullopt;
    return sign > 0 ? static_cast<std::int64_t>(position) : -static_cast<std::int64_t>(position);
}

RetryOutput::RetryOutput(GstBin* bin, unsigned number, GstClockTime latency, Passage& passage)
    : bin_(bin), name_("src_" + std::to_string(number)), passage_(passage) {
    GstElement* made = gst_element_factory_make("appsrc", nullptr);
    if (!made)
        throw base::Error(base::ErrorKind::NotFound,
                          "The element appsrc is missing: install gstreamer1.0-plugins-base.");
    source_.reset(GST_ELEMENT(gst_object_ref_sink(made)));
    g_object_set(made, "is-live", TRUE, "format", GST_FORMAT_TIME, "block", FALSE, "max-bytes",
                 guint64(0), "max-buffers", guint64(0), "min-latency", static_cast<gint64>(latency),
                 "max-latency", gint64(-1), nullptr);
    const Ref<GstPad> out(gst_element_get_static_pad(made, "src"));
    gst_pad_add_probe(out.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, onRequest,
                      new std::shared_ptr<Asked>(asked_),
                      [](gpointer asked) { delete static_cast<std::shared_ptr<Asked>*>(asked); });
    gst_bin_add(bin, made);
}

/// The branch is gone, and with it whoever might call.
RetryOutput::~RetryOutput() {
    if (pad_) {
        gst_pad_set_active(pad_.get(), FALSE);
        gst_element_remove_pad(GST_ELEMENT(bin_), pad_.get());
    }
    gst_element_set_state(source_.get(), GST_STATE_NULL);
    if (GST_OBJECT_PARENT(source_.get()) == GST_OBJECT(bin_))
        gst_bin_remove(bin_, source_.get());
}

bool RetryOutput::exposed() const {
    const std::lock_guard<std::mutex> lock(passage_.mutex);
    return pad_ != nullptr;
}

void RetryOutput::connect(GstElement* sink, guint64 maxBuffers) {
    // The peer sets the pace, and nobody waits in PAUSED for an output that it may not have.
    g_object_set(sink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = onSample;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, this, nullptr);
    setSink(sink);
    const std::lock_guard<std::mutex> lock(passage_.mutex);
    connected_ = true;
    maxBuffers_ = maxBuffers;
    waiting_ = broken_ = true;
}

void RetryOutput::disconnect() {
    setSink(nullptr);
    const std::lock_guard<std::mutex> lock(passage_.mutex);
    connected_ = false;
}

void RetryOutput::setSink(GstElement* sink) {
    const std::lock_guard<std::mutex> lock(asked_->mutex);
    asked_->sink = glue::share(sink);
}

/// A key frame that somebody downstream wants is asked for in the branch.
GstPadProbeReturn RetryOutput::onRequest(GstPad*, GstPadProbeInfo* info, gpointer data) {
    const auto asked = *static_cast<std::shared_ptr<Asked>*>(data);
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (!gst_video_event_is_force_key_unit(event))
        return GST_PAD_PROBE_OK;
    Ref<GstElement> sink;
    {
        const std::lock_guard<std::mutex> lock(asked->mutex);
        sink = glue::share(asked->sink.get());
    }
    if (sink) {
        const Ref<GstPad> in(gst_element_get_static_pad(sink.get(), "sink"));
        gst_pad_push_event(in.get(), gst_event_ref(event));
    }
    return GST_PAD_PROBE_OK;
}

GstFlowReturn RetryOutput::onSample(GstAppSink* sink, gpointer data) {
    auto* self = static_cast<RetryOutput*>(data);
    const Ref<GstSample> sample(gst_app_sink_try_pull_sample(sink, 0));
    Ref<GstBuffer> buffer = sample ? self->take(sample.get()) : nullptr;
    if (!buffer)
        return GST_FLOW_OK;
    if (!self->exposed())
        self->expose();
    gst_app_src_push_buffer(GST_APP_SRC(self->source_.get()), buffer.release());
    return GST_FLOW_OK;
}

/// Whether the pipeline can have it: there is room, and it does not build on what was dropped.
bool RetryOutput::fits(const GstBuffer* buffer) {
    if (!passage_.playing ||
        gst_app_src_get_current_level_buffers(GST_APP_SRC(source_.get())) >= maxBuffers_) {
        waiting_ = broken_ = true;
        return false;
    }
    return !waiting_ || !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
}

/// The first buffer of a connection ends a gap, if there was anything before.
void RetryOutput::begin() {
    const auto now = Passage::Clock::now();
    if (!std::exchange(passage_.flowing, true) && std::exchange(passage_.everFlowed, true)) {
        passage_.gaps++;
        passage_.absent += now - passage_.passed;
    }
    passage_.passed = now;
}

Ref<GstBuffer> RetryOutput::placed(GstBuffer* buffer, const GstSegment* segment, GstClockTime now) {
    const GstClockTime before = GST_BUFFER_DTS_OR_PTS(buffer);
    const auto place =
        passage_.timeline.place(stampOf(segment, before), Timeline::Time(static_cast<gint64>(now)));
    const auto at = static_cast<GstClockTime>(place.at.count());
    passage_.jumps += place.jumped;
    Ref<GstBuffer> copy(gst_buffer_copy(buffer));
    const bool later = GST_BUFFER_PTS_IS_VALID(buffer) && GST_BUFFER_PTS(buffer) > before;
    const GstClockTime lag = later ? GST_BUFFER_PTS(buffer) - before : 0;
    GST_BUFFER_PTS(copy.get()) = at + std::min(lag, maxLag);
    GST_BUFFER_DTS(copy.get()) = GST_BUFFER_DTS_IS_VALID(buffer) ? at : GST_CLOCK_TIME_NONE;
    if (std::exchange(broken_, false) || place.jumped)
        GST_BUFFER_FLAG_SET(copy.get(), GST_BUFFER_FLAG_DISCONT);
    else
        GST_BUFFER_FLAG_UNSET(copy.get(), GST_BUFFER_FLAG_DISCONT);
    return copy;
}

/// What goes out of a sample, if anything does.
Ref<GstBuffer> RetryOutput::take(GstSample* sample) {
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    GstCaps* caps = gst_sample_get_caps(sample);
    const GstClockTime now = timeOf(GST_ELEMENT(bin_));
    if (!buffer)
        return nullptr;
    const std::lock_guard<std::mutex> lock(passage_.mutex);
    passage_.heard = Passage::Clock::now();
    passage_.buffers++;
    if (caps && caps != caps_.get()) { // bytes of a socket have none
        caps_ = glue::share(caps);
        gst_app_src_set_caps(GST_APP_SRC(source_.get()), caps);
    }
    if (!connected_ || !GST_CLOCK_TIME_IS_VALID(now) || !fits(buffer)) {
        passage_.drops++;
        return nullptr;
    }
    begin();
    waiting_ = false;
    return placed(buffer, gst_sample_get_segment(sample), now);
}

/// In the branch's streaming thread, of which an output has one.
void RetryOutput::expose() {
    const Ref<GstPad> out(gst_element_get_static_pad(source_.get(), "src"));
    const Ref<GstPadTemplate> shape(
        glue::share(gst_element_get_pad_template(GST_ELEMENT(bin_), "src_%u")));
    GstPad* pad = gst_ghost_pad_new_from_template(name_.c_str(), out.get(), shape.get());
    gst_object_ref_sink(pad);
    glue::dropUnwanted(out.get(), pad);
    gst_pad_set_active(pad, TRUE);
    const std::lock_guard<std::mutex> oneAtATime(passage_.exposing);
    {
        const std::lock_guard<std::mutex> lock(passage_.mutex);
        pad_.reset(pad);
    }
    gst_element_add_pad(GST_ELEMENT(bin_), pad);
}

} // namespace retry
