#include "support/gstreplaysrc.hpp"

#include "glue/guard.hpp"
#include "support/gstframeencoder.hpp"
#include "support/gstreplay.hpp"

#include <gst/base/gstpushsrc.h>

#include <algorithm>
#include <optional>

GST_DEBUG_CATEGORY_STATIC(virtualreplaysrc_debug);
#define GST_CAT_DEFAULT virtualreplaysrc_debug

namespace {

/// Walks over the frames of a recording in the order in which they are sent.
class Reel {
public:
    explicit Reel(const camera::ReplaySource& source)
        : source_(source), start_(camera::ntpTime(source.recording.from)),
          end_(camera::ntpTime(source.recording.until)), group_(static_cast<gint64>(source.fps)) {}

    const camera::ReplaySource& source() const { return source_; }
    GstClockTime start() const { return start_; }
    GstClockTime end() const { return end_; }
    GstClockTime timeOf(gint64 frame) const {
        return start_ + gst_util_uint64_scale(static_cast<guint64>(frame), GST_SECOND,
                                              static_cast<guint64>(source_.fps));
    }
    /// The first clean point at or before a moment.
    gint64 keyFrameAt(GstClockTime time) const {
        const gint64 frame = frameAt(time);
        return frame - frame % group_;
    }

    /// From `segment`, cut to the recording. Key frames alone come `interval` apart at least.
    void wind(const GstSegment& segment, GstClockTime interval) {
        backwards_ = segment.rate < 0;
        keysOnly_ = segment.flags & GST_SEGMENT_FLAG_TRICKMODE_KEY_UNITS;
        const auto seconds = static_cast<gint64>((interval + GST_SECOND - 1) / GST_SECOND);
        stride_ = group_ * std::max<gint64>(1, seconds);
        first_ = frameAt(segment.start);
        last_ = frameAt(segment.stop - 1);
        next_ = backwards_ ? keyFrameAt(segment.stop - 1) : keyFrameAt(segment.start);
        fresh_ = true;
    }

    struct Step {
        gint64 frame;
        bool key, afterGap;
    };
    std::optional<Step> next() {
        const gint64 now = next_;
        if (now < 0 || (!backwards_ && now > last_) ||
            (backwards_ && now < first_ / group_ * group_))
            return {};
        const bool key = now % group_ == 0;
        const Step step{now, key, fresh_ || (key && (backwards_ || keysOnly_))};
        fresh_ = false;
        next_ = following(now);
        return step;
    }

private:
    /// The nearest there is.
    gint64 frameAt(GstClockTime time) const {
        const auto count = [this](GstClockTime span) {
            return static_cast<gint64>(
                gst_util_uint64_scale(span, static_cast<guint64>(source_.fps), GST_SECOND));
        };
        // Half a nanosecond's rounding must not make it the frame before.
        const GstClockTime since = std::max(time, start_) - start_ + 1;
        return std::min(count(since), count(end_ - start_) - 1);
    }

    gint64 following(gint64 now) const {
        if (keysOnly_)
            return now + (backwards_ ? -stride_ : stride_);
        const bool endOfGroup = (now + 1) % group_ == 0 || now == last_;
        return backwards_ && endOfGroup ? now - now % group_ - group_ : now + 1;
    }

    camera::ReplaySource source_;
    GstClockTime start_, end_;
    gint64 group_;
    gint64 stride_ = 1, first_ = 0, last_ = 0, next_ = 0;
    bool backwards_ = false, keysOnly_ = false, fresh_ = true;
};

struct ReplayState {
    Reel reel;
    std::optional<camera::FrameEncoder> encoder;
    GstClockTime interval = 0; ///< between key frames, as the latest seek wants it
};

struct VirtualReplaySrc {
    GstPushSrc parent;
    ReplayState* state;
};
struct VirtualReplaySrcClass {
    GstPushSrcClass parent;
};

GType virtual_replay_src_get_type();
G_DEFINE_TYPE(VirtualReplaySrc, virtual_replay_src, GST_TYPE_PUSH_SRC)

ReplayState& stateOf(gpointer object) { return *static_cast<VirtualReplaySrc*>(object)->state; }

gboolean virtual_replay_src_is_seekable(GstBaseSrc*) { return TRUE; }

gboolean virtual_replay_src_start(GstBaseSrc* src) {
    return glue::guard(src, FALSE, [&] {
        const auto& source = stateOf(src).reel.source();
        stateOf(src).encoder.emplace(source.width, source.height, source.fps);
        const auto caps = camera::FrameEncoder::caps(source.width, source.height, source.fps);
        return gst_base_src_set_caps(src, caps.get());
    });
}

gboolean virtual_replay_src_stop(GstBaseSrc* src) {
    stateOf(src).encoder.reset();
    return TRUE;
}

gboolean virtual_replay_src_event(GstBaseSrc* src, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEEK)
        gst_event_parse_seek_trickmode_interval(event, &stateOf(src).interval);
    return GST_BASE_SRC_CLASS(virtual_replay_src_parent_class)->event(src, event);
}

/// The base class takes all of a stream that goes backwards for discontinuous; here the frames of a
/// group follow one another.
GstPadProbeReturn joinGroups(GstPad*, GstPadProbeInfo* info, gpointer) {
    GstBuffer* unit = gst_pad_probe_info_get_buffer(info);
    if (GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT) &&
        GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DISCONT)) {
        unit = gst_buffer_make_writable(unit);
        GST_BUFFER_FLAG_UNSET(unit, GST_BUFFER_FLAG_DISCONT);
        info->data = unit;
    }
    return GST_PAD_PROBE_OK;
}

/// The segment is cut to the recording and starts with a clean point. Backwards it reaches below
/// that: the base class ends the stream with the first frame that touches its start, which is not
/// the last one of its group.
gboolean virtual_replay_src_do_seek(GstBaseSrc* src, GstSegment* segment) {
    ReplayState& state = stateOf(src);
    const Reel& reel = state.reel;
    const GstClockTime stop = GST_CLOCK_TIME_IS_VALID(segment->stop) ? segment->stop : reel.end();
    segment->start = reel.timeOf(reel.keyFrameAt(segment->start));
    segment->stop = std::clamp(stop, segment->start + 1, std::max(reel.end(), segment->start + 1));
    segment->position = segment->rate < 0 ? segment->stop : segment->start;
    segment->duration = reel.end();
    state.reel.wind(*segment, state.interval);
    if (segment->rate < 0)
        segment->start -= 2 * GST_SECOND;
    segment->time = segment->start;
    return TRUE;
}

gboolean virtual_replay_src_query(GstBaseSrc* src, GstQuery* query) {
    const Reel& reel = stateOf(src).reel;
    if (GST_QUERY_TYPE(query) == GST_QUERY_SEEKING) {
        gst_query_set_seeking(query, GST_FORMAT_TIME, TRUE, static_cast<gint64>(reel.start()),
                              static_cast<gint64>(reel.end()));
        return TRUE;
    }
    return GST_BASE_SRC_CLASS(virtual_replay_src_parent_class)->query(src, query);
}

GstFlowReturn virtual_replay_src_create(GstPushSrc* src, GstBuffer** buffer) {
    return glue::guard(src, GST_FLOW_ERROR, [&] {
        ReplayState& state = stateOf(src);
        const auto step = state.reel.next();
        if (!step)
            return GST_FLOW_EOS;
        const auto& recording = state.reel.source().recording;
        auto unit = state.encoder->encode(static_cast<std::uint64_t>(step->frame), recording.name,
                                          step->key);
        GST_BUFFER_PTS(unit.get()) = state.reel.timeOf(step->frame);
        GST_BUFFER_DURATION(unit.get()) =
            state.reel.timeOf(step->frame + 1) - state.reel.timeOf(step->frame);
        GST_BUFFER_FLAG_UNSET(unit.get(), GST_BUFFER_FLAG_DISCONT);
        if (step->afterGap)
            GST_BUFFER_FLAG_SET(unit.get(), GST_BUFFER_FLAG_DISCONT);
        *buffer = unit.release();
        return GST_FLOW_OK;
    });
}

void virtual_replay_src_finalize(GObject* object) {
    delete static_cast<VirtualReplaySrc*>(static_cast<gpointer>(object))->state;
    G_OBJECT_CLASS(virtual_replay_src_parent_class)->finalize(object);
}

void virtual_replay_src_init(VirtualReplaySrc* self) {
    gst_base_src_set_format(GST_BASE_SRC(self), GST_FORMAT_TIME);
    gst_pad_add_probe(GST_BASE_SRC_PAD(self), GST_PAD_PROBE_TYPE_BUFFER, joinGroups, nullptr,
                      nullptr);
}

void virtual_replay_src_class_init(VirtualReplaySrcClass* klass) {
    GST_DEBUG_CATEGORY_INIT(virtualreplaysrc_debug, "virtualreplaysrc", 0,
                            "virtual camera recordings");
    G_OBJECT_CLASS(klass)->finalize = virtual_replay_src_finalize;
    auto* element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(element, "Virtual recording source", "Source/Video",
                                          "Shows what the virtual camera has recorded",
                                          "Video Stream");
    static GstStaticPadTemplate h264 = GST_STATIC_PAD_TEMPLATE(
        "src", GST_PAD_SRC, GST_PAD_ALWAYS,
        GST_STATIC_CAPS("video/x-h264, stream-format=byte-stream, alignment=au"));
    gst_element_class_add_static_pad_template(element, &h264);
    auto* base = GST_BASE_SRC_CLASS(klass);
    base->is_seekable = virtual_replay_src_is_seekable;
    base->start = virtual_replay_src_start;
    base->stop = virtual_replay_src_stop;
    base->event = virtual_replay_src_event;
    base->do_seek = virtual_replay_src_do_seek;
    base->query = virtual_replay_src_query;
    GST_PUSH_SRC_CLASS(klass)->create = virtual_replay_src_create;
}

} // namespace

namespace camera {

GstElement* newReplaySrc(const ReplaySource& source) {
    auto* made = GST_ELEMENT(g_object_new(virtual_replay_src_get_type(), nullptr));
    static_cast<VirtualReplaySrc*>(static_cast<gpointer>(made))->state =
        new ReplayState{Reel(source), {}, 0};
    return made;
}

} // namespace camera
