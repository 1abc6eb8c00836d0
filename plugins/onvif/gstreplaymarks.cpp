#include "gstreplaymarks.hpp"

#include "glue/ref.hpp"
#include "replayextension.hpp"

#include <gst/rtp/gstrtpbuffer.h>

namespace onvif {

namespace {

/// What one pad's packets say.
struct Marks {
    explicit Marks(ReplayPosition& p) : position(p) {}
    ReplayPosition& position;
    glue::Ref<GstCaps> caps{gst_caps_new_empty_simple("timestamp/x-ntp")};
    std::optional<ReplayMark> last;
    guint32 rtpTime = 0; ///< that the last mark came with
};

void readMark(Marks& marks, GstBuffer* buffer) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (!gst_rtp_buffer_map(buffer, GST_MAP_READ, &rtp)) {
        marks.last.reset();
        return;
    }
    guint16 id = 0;
    gpointer data = nullptr;
    guint words = 0;
    std::optional<ReplayMark> mark;
    if (gst_rtp_buffer_get_extension_data(&rtp, &id, &data, &words))
        mark = readReplayMark(id, static_cast<const std::uint8_t*>(data), words * 4U);
    const guint32 time = gst_rtp_buffer_get_timestamp(&rtp);
    if (mark || time != marks.rtpTime)
        marks.last = mark;
    marks.rtpTime = time;
    gst_rtp_buffer_unmap(&rtp);
}

GstBuffer* marked(Marks& marks, GstBuffer* buffer) {
    readMark(marks, buffer);
    if (!marks.last)
        return buffer;
    marks.position.reached(marks.last->ntp);
    marks.position.end(marks.last->last);
    buffer = gst_buffer_make_writable(buffer);
    gst_buffer_add_reference_timestamp_meta(buffer, marks.caps.get(), marks.last->ntp,
                                            GST_CLOCK_TIME_NONE);
    return buffer;
}

GstPadProbeReturn onData(GstPad*, GstPadProbeInfo* info, gpointer data) {
    info->data = marked(*static_cast<Marks*>(data), GST_PAD_PROBE_INFO_BUFFER(info));
    return GST_PAD_PROBE_OK;
}

} // namespace

void markReplay(GstPad* pad, ReplayPosition& position) {
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, onData, new Marks(position),
                      [](gpointer marks) { delete static_cast<Marks*>(marks); });
}

} // namespace onvif
