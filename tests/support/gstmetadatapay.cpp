#include "support/gstmetadatapay.hpp"

#include "glue/ref.hpp"

#include <gst/rtp/gstrtpbasepayload.h>
#include <gst/rtp/gstrtpbuffer.h>

#include <algorithm>

namespace {

struct MetadataPay {
    GstRTPBasePayload parent;
};
struct MetadataPayClass {
    GstRTPBasePayloadClass parent;
};

GType metadata_pay_get_type();
G_DEFINE_TYPE(MetadataPay, metadata_pay, GST_TYPE_RTP_BASE_PAYLOAD)

gboolean metadata_pay_set_caps(GstRTPBasePayload* pay, GstCaps* caps) {
    const char* encoding = gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding");
    // In small letters as cameras write it, although GStreamer's own names are in capitals.
    const bool gzip = g_strcmp0(encoding, "gzip") == 0;
    gst_rtp_base_payload_set_options(
        pay, "application", TRUE, gzip ? "vnd.onvif.metadata+gzip" : "vnd.onvif.metadata", 90000);
    return gst_rtp_base_payload_set_outcaps(pay, nullptr);
}

GstBuffer* packet(GstRTPBasePayload* pay, GstBuffer* document, gsize at, gsize size, bool last) {
    GstBuffer* made = gst_rtp_base_payload_allocate_output_buffer(pay, 0, 0, 0);
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    gst_rtp_buffer_map(made, GST_MAP_WRITE, &rtp);
    gst_rtp_buffer_set_marker(&rtp, last);
    gst_rtp_buffer_unmap(&rtp);
    GST_BUFFER_PTS(made) = GST_BUFFER_PTS(document);
    return gst_buffer_append(made,
                             gst_buffer_copy_region(document, GST_BUFFER_COPY_MEMORY, at, size));
}

GstFlowReturn metadata_pay_handle_buffer(GstRTPBasePayload* pay, GstBuffer* taken) {
    const glue::Ref<GstBuffer> document(taken);
    const gsize size = gst_buffer_get_size(taken);
    const gsize room = gst_rtp_buffer_calc_payload_len(GST_RTP_BASE_PAYLOAD_MTU(pay), 0, 0);
    GstBufferList* packets = gst_buffer_list_new();
    for (gsize at = 0; at < size; at += room) {
        const gsize part = std::min(room, size - at);
        gst_buffer_list_add(packets, packet(pay, taken, at, part, at + part == size));
    }
    return gst_rtp_base_payload_push_list(pay, packets);
}

void metadata_pay_init(MetadataPay*) {}

void metadata_pay_class_init(MetadataPayClass* klass) {
    static GstStaticPadTemplate sink = GST_STATIC_PAD_TEMPLATE(
        "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-onvif-metadata"));
    static GstStaticPadTemplate source = GST_STATIC_PAD_TEMPLATE(
        "src", GST_PAD_SRC, GST_PAD_ALWAYS,
        GST_STATIC_CAPS("application/x-rtp, media=application, clock-rate=90000, encoding-name={ "
                        "vnd.onvif.metadata, vnd.onvif.metadata+gzip }"));
    auto* element = GST_ELEMENT_CLASS(klass);
    gst_element_class_add_static_pad_template(element, &sink);
    gst_element_class_add_static_pad_template(element, &source);
    gst_element_class_set_static_metadata(
        element, "ONVIF metadata payloader", "Codec/Payloader/Network/RTP",
        "Puts metadata documents into RTP packets", "Video Stream");
    auto* pay = GST_RTP_BASE_PAYLOAD_CLASS(klass);
    pay->set_caps = metadata_pay_set_caps;
    pay->handle_buffer = metadata_pay_handle_buffer;
}

} // namespace

namespace camera {

void registerMetadataPayloader() {
    gst_element_register(nullptr, "virtualmetadatapay", GST_RANK_NONE, metadata_pay_get_type());
}

} // namespace camera
