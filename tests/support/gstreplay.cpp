#include "support/gstreplay.hpp"

#include "glue/ref.hpp"
#include "support/gstreplaysrc.hpp"

#include <gst/rtsp-server/rtsp-onvif-media-factory.h>

#include <cstdlib>

namespace {

constexpr const char* stampName = "stamp";

/// On the element that stamps packets: the CSeq (and one) of the PLAY that is being obeyed.
constexpr const char* nextKey = "virtual-camera-next-cseq";

void stampNext(GstElement* stamp) {
    if (const gpointer next = g_object_steal_data(G_OBJECT(stamp), nextKey))
        g_object_set(stamp, "cseq", GPOINTER_TO_UINT(next) - 1, nullptr);
}

/// What was on its way before the jump keeps the number of the PLAY before.
GstPadProbeReturn onFlush(GstPad* pad, GstPadProbeInfo* info, gpointer) {
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_FLUSH_STOP)
        stampNext(GST_ELEMENT(GST_PAD_PARENT(pad)));
    return GST_PAD_PROBE_OK;
}

glue::Ref<GstElement> stampOf(GstRTSPMedia* media) {
    const glue::Ref<GstElement> bin(gst_rtsp_media_get_element(media));
    return glue::Ref<GstElement>(gst_bin_get_by_name(GST_BIN(bin.get()), stampName));
}

struct ReplayFactory {
    GstRTSPOnvifMediaFactory parent;
    camera::ReplaySource* source;
};
struct ReplayFactoryClass {
    GstRTSPOnvifMediaFactoryClass parent;
};

GType replay_factory_get_type();
G_DEFINE_TYPE(ReplayFactory, replay_factory, GST_TYPE_RTSP_ONVIF_MEDIA_FACTORY)

/// The stream's payloader is a bin here, which a launch line cannot say.
GstElement* replay_factory_create_element(GstRTSPMediaFactory* factory, const GstRTSPUrl*) {
    GError* failure = nullptr;
    GstElement* payloader = gst_parse_bin_from_description(
        "rtph264pay pt=96 config-interval=-1 aggregate-mode=zero-latency ! rtponviftimestamp "
        "name=stamp "
        "ntp-offset=0 set-e-bit=true set-t-bit=true drop-out-of-segment=false",
        TRUE, &failure);
    const glue::Ref<GError> error(failure);
    if (!payloader) {
        GST_ERROR("recordings cannot be sent: %s", error ? error->message : "");
        return nullptr;
    }
    gst_object_set_name(GST_OBJECT(payloader), "pay0");
    const glue::Ref<GstElement> stamp(gst_bin_get_by_name(GST_BIN(payloader), stampName));
    const glue::Ref<GstPad> in(gst_element_get_static_pad(stamp.get(), "sink"));
    gst_pad_add_probe(in.get(), GST_PAD_PROBE_TYPE_EVENT_FLUSH, onFlush, nullptr, nullptr);
    GstElement* source = camera::newReplaySrc(*reinterpret_cast<ReplayFactory*>(factory)->source);
    GstElement* bin = gst_bin_new(nullptr);
    gst_bin_add_many(GST_BIN(bin), source, payloader, nullptr);
    gst_element_link(source, payloader);
    return bin;
}

void replay_factory_finalize(GObject* object) {
    delete reinterpret_cast<ReplayFactory*>(object)->source;
    G_OBJECT_CLASS(replay_factory_parent_class)->finalize(object);
}

void replay_factory_init(ReplayFactory*) {}

void replay_factory_class_init(ReplayFactoryClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = replay_factory_finalize;
    GST_RTSP_MEDIA_FACTORY_CLASS(klass)->create_element = replay_factory_create_element;
}

} // namespace

namespace camera {

GstRTSPMediaFactory* newReplayFactory(const Recording& recording, int width, int height, int fps) {
    auto* factory = GST_RTSP_MEDIA_FACTORY(g_object_new(replay_factory_get_type(), nullptr));
    reinterpret_cast<ReplayFactory*>(factory)->source =
        new ReplaySource{recording, width, height, fps};
    gst_rtsp_onvif_media_factory_set_replay_support(GST_RTSP_ONVIF_MEDIA_FACTORY(factory), TRUE);
    return factory;
}

void preparePlay(GstRTSPContext* context) {
    char* value = nullptr;
    if (gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_FRAMES, &value, 0) ==
            GST_RTSP_OK &&
        g_str_equal(value, "all"))
        gst_rtsp_message_remove_header(context->request, GST_RTSP_HDR_FRAMES, -1);
    if (!context->media ||
        gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_CSEQ, &value, 0) != GST_RTSP_OK)
        return;
    const auto cseq = static_cast<guint>(std::strtoul(value, nullptr, 10));
    if (const auto stamp = stampOf(context->media))
        g_object_set_data(G_OBJECT(stamp.get()), nextKey, GUINT_TO_POINTER(cseq + 1));
}

void completePlay(GstRTSPContext* context, GstRTSPMessage* answer) {
    if (const auto stamp = context->media ? stampOf(context->media) : nullptr)
        stampNext(stamp.get()); // where nothing jumped
    char *scale = nullptr, *speed = nullptr;
    if (gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_SCALE, &scale, 0) != GST_RTSP_OK)
        return;
    gst_rtsp_message_remove_header(answer, GST_RTSP_HDR_SCALE, -1);
    gst_rtsp_message_add_header(answer, GST_RTSP_HDR_SCALE, scale);
    if (gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_SPEED, &speed, 0) != GST_RTSP_OK)
        gst_rtsp_message_remove_header(answer, GST_RTSP_HDR_SPEED, -1);
}

GstClockTime ntpTime(Recording::Time time) {
    constexpr std::chrono::seconds between1900And1970{2208988800};
    const auto since =
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
    return static_cast<GstClockTime>((since + between1900And1970).count());
}

} // namespace camera
