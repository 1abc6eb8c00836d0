#include "glue/feeding.hpp"

#include <gst/video/video.h>

#include <algorithm>

namespace glue {

bool isLive(GstPad* in) {
    const Ref<GstQuery> query(gst_query_new_latency());
    gboolean live = TRUE;
    if (gst_pad_peer_query(in, query.get()))
        gst_query_parse_latency(query.get(), &live, nullptr, nullptr);
    return live;
}

void paceBySource(GstElement* sink, GstPad* in) {
    g_object_set(sink, "sync", !isLive(in), nullptr);
}

bool askForKeyFrame(GstElement* sink) {
    const Ref<GstPad> in(gst_element_get_static_pad(sink, "sink"));
    return gst_pad_push_event(
        in.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

void dropUnwanted(GstPad* inner, GstPad* outer) {
    const auto judge = [](GstPad*, GstPadProbeInfo*, gpointer pad) {
        return gst_pad_is_linked(GST_PAD(pad)) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
    };
    gst_pad_add_probe(inner, GST_PAD_PROBE_TYPE_BUFFER, judge, gst_object_ref(outer),
                      gst_object_unref);
}

Crossing::Crossing(GstElement* from, GstElement* to) {
    const Ref<GstClock> ours(gst_element_get_clock(from));
    const Ref<GstClock> theirs(gst_element_get_clock(to));
    if (!theirs)
        return;
    const GstClockTime base = gst_element_get_base_time(to);
    plays_ = true;
    sameClock_ = ours == theirs;
    now_ = GST_CLOCK_DIFF(base, gst_clock_get_time(theirs.get()));
    // The base times differ where one was paused and resumed.
    shift_ = GST_CLOCK_DIFF(base, gst_element_get_base_time(from));
}

GstClockTime Crossing::position(GstClockTime runningTime) const {
    GstClockTimeDiff position = now_;
    if (sameClock_ && GST_CLOCK_TIME_IS_VALID(runningTime))
        position = std::min(now_, static_cast<GstClockTimeDiff>(runningTime) + shift_);
    return static_cast<GstClockTime>(std::max<GstClockTimeDiff>(position, 0));
}

Ref<GstBuffer> retimed(GstBuffer* buffer, GstClockTime runningTime, GstElement* from,
                       GstElement* to) {
    Ref<GstBuffer> copy(gst_buffer_copy(buffer));
    const GstClockTime before = GST_BUFFER_DTS_OR_PTS(buffer);
    const GstClockTime lag = GST_BUFFER_PTS_IS_VALID(buffer) && GST_BUFFER_PTS(buffer) > before
                                 ? GST_BUFFER_PTS(buffer) - before
                                 : 0;
    // A frame for its preroll, where it does not play yet. On the way to PLAYING an element has a
    // clock a moment before it has a base time, and without that the clock's hours would be the
    // position.
    const bool started = gst_element_get_base_time(to) != 0;
    GST_BUFFER_DTS(copy.get()) = started ? Crossing(from, to).position(runningTime) : 0;
    GST_BUFFER_PTS(copy.get()) = GST_BUFFER_DTS(copy.get()) + lag;
    return copy;
}

} // namespace glue
