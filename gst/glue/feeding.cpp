#include "glue/feeding.hpp"

#include <algorithm>

namespace glue {

void paceBySource(GstElement* sink, GstPad* in) {
    const Ref<GstQuery> query(gst_query_new_latency());
    gboolean live = TRUE;
    if (gst_pad_peer_query(in, query.get()))
        gst_query_parse_latency(query.get(), &live, nullptr, nullptr);
    g_object_set(sink, "sync", !live, nullptr);
}

static GstClockTimeDiff positionIn(GstElement* to, GstClockTime runningTime, GstElement* from) {
    const Ref<GstClock> theirs(gst_element_get_clock(to));
    const GstClockTime base = gst_element_get_base_time(to);
    // It does not play yet: a frame for its preroll. On the way to PLAYING an element has a clock a
    // moment before it has a base time, and without that the clock's hours would be the position.
    if (!theirs || base == 0)
        return 0;
    const Ref<GstClock> ours(gst_element_get_clock(from));
    const GstClockTimeDiff now = GST_CLOCK_DIFF(base, gst_clock_get_time(theirs.get()));
    if (theirs != ours || !GST_CLOCK_TIME_IS_VALID(runningTime))
        return now;
    return std::min(now, GST_CLOCK_DIFF(base, runningTime + gst_element_get_base_time(from)));
}

Ref<GstBuffer> retimed(GstBuffer* buffer, GstClockTime runningTime, GstElement* from,
                       GstElement* to) {
    Ref<GstBuffer> copy(gst_buffer_copy(buffer));
    const GstClockTime before = GST_BUFFER_DTS_OR_PTS(buffer);
    const GstClockTime lag = GST_BUFFER_PTS_IS_VALID(buffer) && GST_BUFFER_PTS(buffer) > before
                                 ? GST_BUFFER_PTS(buffer) - before
                                 : 0;
    const auto position = positionIn(to, runningTime, from);
    GST_BUFFER_DTS(copy.get()) = static_cast<GstClockTime>(std::max<GstClockTimeDiff>(position, 0));
    GST_BUFFER_PTS(copy.get()) = GST_BUFFER_DTS(copy.get()) + lag;
    return copy;
}

} // namespace glue
