#include "rtspserver/ownreports.hpp"

#include "glue/object.hpp"
#include "glue/ref.hpp"

#include <cstdio>

namespace rtspserver {
namespace {

/// The first packet of a compound begins with who speaks (RFC 3550 section 6.4).
GstPadProbeReturn judge(GstPad*, GstPadProbeInfo* info, gpointer session) {
    guint own = 0;
    g_object_get(session, "internal-ssrc", &own, nullptr);
    guint8 head[8];
    const gsize size = gst_buffer_extract(GST_PAD_PROBE_INFO_BUFFER(info), 0, head, sizeof head);
    const bool ours = size == sizeof head && GST_READ_UINT32_BE(head + 4) == own;
    return ours ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

gboolean watchReports(GstElement* rtpbin, GstPad* pad, gpointer) {
    unsigned number = 0;
    const glue::Ref<char> name(gst_pad_get_name(pad));
    if (std::sscanf(name.get(), "recv_rtcp_sink_%u", &number) != 1)
        return TRUE;
    GObject* session = nullptr;
    g_signal_emit_by_name(rtpbin, "get-internal-session", number, &session);
    if (session)
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, judge, session, g_object_unref);
    return TRUE;
}

void onPrepared(GstRTSPMedia* media, gpointer) {
    const glue::Ref<GstElement> element(gst_rtsp_media_get_element(media));
    const glue::Ref<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(element.get())));
    if (!pipeline)
        return;
    const glue::Ref<GstIterator> all(
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(pipeline.get()), "rtpbin"));
    const auto look = [](const GValue* rtpbin, gpointer) {
        gst_element_foreach_sink_pad(GST_ELEMENT(g_value_get_object(rtpbin)), watchReports,
                                     nullptr);
    };
    gst_iterator_foreach(all.get(), look, nullptr);
}

void onMedia(GstRTSPMediaFactory*, GstRTSPMedia* media, gpointer) {
    g_signal_connect(media, "prepared", G_CALLBACK(onPrepared), nullptr);
}

} // namespace

void ignoreOwnReports(GstRTSPMediaFactory* factory) {
    g_signal_connect(factory, "media-configure", G_CALLBACK(onMedia), nullptr);
}

} // namespace rtspserver
