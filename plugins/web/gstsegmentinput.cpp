#include "web/gstsegmentinput.hpp"

#include "glue/guard.hpp"

#include <gst/video/video.h>

#include <algorithm>
#include <iterator>

namespace web {
namespace {

using namespace std::chrono_literals;

/// Frames further apart are a gap, and players have to be told.
constexpr Nanoseconds maxGap = 3s;
/// Muxers that write their last frames; a stream that changes with every frame would make hundreds.
constexpr std::size_t maxRetired = 4;

/// Nothing for a time that the frame does not have. May be below zero for a frame that is decoded
/// before the first one is shown.
std::optional<Nanoseconds> runningTime(const GstSegment* segment, GstClockTime time) {
    guint64 value = 0;
    const int sign = gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, time, &value);
    if (!GST_CLOCK_TIME_IS_VALID(time) || sign == 0)
        return std::nullopt;
    return Nanoseconds(sign * static_cast<gint64>(value));
}

GstClockTime onTimeline(std::optional<Nanoseconds> time, Nanoseconds shift) {
    return time ? static_cast<GstClockTime>(std::max<gint64>((*time + shift).count(), 0))
                : GST_CLOCK_TIME_NONE;
}

} // namespace

SegmentInput::SegmentInput(GstBin* bin, GstPadTemplate* padTemplate, const char* padName)
    : in_(bin, padTemplate, padName, glue::AppInput::Preroll::None, this, onSample, onEos),
      name_(padName) {}

void SegmentInput::open(std::shared_ptr<SegmentStore> store, std::chrono::milliseconds segment,
                        std::chrono::milliseconds part, Container container) {
    store_ = std::move(store);
    segment_ = segment;
    part_ = part;
    container_ = container;
    store_->expect(name_);
}

SegmentInput::Rest SegmentInput::close() {
    Rest rest;
    std::move(retired_.begin(), retired_.end(), std::back_inserter(rest));
    retired_.clear();
    rest.push_back(std::move(segmenter_));
    caps_.reset();
    period_.reset();
    newest_.reset();
    asked_.reset();
    return rest;
}

void SegmentInput::dispose() {
    in_.dispose();
    close();
    if (store_)
        store_->withdraw(name_);
}

GstFlowReturn SegmentInput::onSample(GstAppSink* sink, gpointer self) {
    auto* input = static_cast<SegmentInput*>(self);
    return glue::guard(input->in_.bin(), GST_FLOW_ERROR, [&] {
        const auto sample = glue::pulled(sink);
        if (sample && input->store_)
            input->take(sample.get());
        return GST_FLOW_OK;
    });
}

void SegmentInput::onEos(GstAppSink*, gpointer self) {
    auto* input = static_cast<SegmentInput*>(self);
    if (input->segmenter_)
        input->retire(true);
    else if (input->store_)
        input->store_->end(input->name_);
}

bool SegmentInput::isBreak(GstCaps* caps, Nanoseconds time) const {
    const bool other = caps_ && caps != caps_.get() && !gst_caps_is_equal(caps, caps_.get());
    return other || (newest_ && (time > *newest_ + maxGap || time < *newest_ - 1s));
}

void SegmentInput::take(GstSample* sample) {
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    GstCaps* caps = gst_sample_get_caps(sample);
    const GstSegment* segment = gst_sample_get_segment(sample);
    if (!buffer || !caps || segment->format != GST_FORMAT_TIME)
        return;
    auto pts = runningTime(segment, GST_BUFFER_PTS(buffer));
    const auto dts = runningTime(segment, GST_BUFFER_DTS(buffer));
    // From the second of two pictures with one time h264parse takes it away, and those after it are
    // decoded from it all the same.
    if (!pts && !dts && newest_)
        pts = *newest_ + 1ms;
    if (!pts && !dts)
        return;
    const Nanoseconds time = dts ? *dts : *pts;
    const bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    const bool broken = isBreak(caps, time);
    newest_ = time;
    const Period period = store_->periodOf(period_ ? &*period_ : nullptr, broken, time);
    if (!segmenter_ || broken || period.number != period_->number) {
        period_ = period;
        caps_ = glue::share(caps);
        if (segmenter_)
            retire(false);
        if (!key || retired_.size() > maxRetired) {
            wishForKeyFrame(time);
            dropped_++;
            return;
        }
        segmenter_ = std::make_unique<Segmenter>(
            GST_ELEMENT(in_.bin()), store_,
            SegmenterTask{name_, period.number, time + period.shift, segment_, part_, container_},
            caps);
    }
    if (key)
        wishForKeyFrame(time);
    glue::Ref<GstBuffer> frame(gst_buffer_copy(buffer));
    GST_BUFFER_PTS(frame.get()) = onTimeline(pts, period_->shift);
    GST_BUFFER_DTS(frame.get()) = onTimeline(dts, period_->shift);
    segmenter_->push(std::move(frame));
}

void SegmentInput::retire(bool last) {
    segmenter_->finish(last);
    retired_.push_back(std::move(segmenter_));
    retired_.erase(std::remove_if(retired_.begin(), retired_.end(),
                                  [](const auto& old) { return old->finished(); }),
                   retired_.end());
}

/// Asks for the next one where the next segment is to begin; without one at all, for one now.
void SegmentInput::wishForKeyFrame(Nanoseconds time) {
    if (name_.rfind("video", 0) != 0)
        return;
    if (!segmenter_) {
        if (asked_ && time < *asked_ + 1s && time >= *asked_)
            return;
        asked_ = time;
        return ask(GST_CLOCK_TIME_NONE);
    }
    const Nanoseconds next = store_->boundaryAfter(time + period_->shift) - period_->shift;
    if (asked_ == next)
        return;
    asked_ = next;
    ask(static_cast<GstClockTime>(std::max<gint64>(next.count(), 0)));
}

void SegmentInput::ask(GstClockTime runningTime) {
    gst_pad_push_event(in_.pad(),
                       gst_video_event_new_upstream_force_key_unit(runningTime, TRUE, 0));
}

} // namespace web
