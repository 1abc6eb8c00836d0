/**
 * SECTION:element-onvifmetadatadepay
 * @title: onvifmetadatadepay
 * @short_description: ONVIF metadata out of RTP packets
 *
 * Puts the XML documents of a camera's metadata stream together: one complete tt:MetadataStream per
 * buffer, with the time of the packet that it began in. Streams compressed with gzip are unpacked;
 * EXI is not read, which a warning on the bus says. Documents that are cut by lost packets are
 * dropped and counted in "stats".
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 onvifsrc location=onvif://192.0.2.7 metadata=true name=c c.application_0 ! \
 * onvifmetadatadepay ! filesink location=metadata.xml
 * ]|
 * What the camera tells about its picture, in a file.
 */
#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "metadatadocuments.hpp"

#include <gst/rtp/gstrtpbasedepayload.h>
#include <gst/rtp/gstrtpbuffer.h>

#include <optional>
#include <string>

GST_DEBUG_CATEGORY_STATIC(onvifmetadatadepay_debug);
#define GST_CAT_DEFAULT onvifmetadatadepay_debug

// gst-plugins-rs has a type GstOnvifMetadataDepay, for its rtponvifmetadatadepay; a program may
// load both.
#define GST_TYPE_ONVIF_METADATA_RTP_DEPAY (gst_onvif_metadata_rtp_depay_get_type())
G_DECLARE_FINAL_TYPE(GstOnvifMetadataRtpDepay, gst_onvif_metadata_rtp_depay, GST,
                     ONVIF_METADATA_RTP_DEPAY, GstRTPBaseDepayload)

namespace {

struct OnvifMetadataRtpDepayPrivate {
    std::optional<onvif::MetadataDocuments> documents; // object lock
};

enum { PropStats = 1 };

} // namespace

struct _GstOnvifMetadataRtpDepay {
    GstRTPBaseDepayload parent;
    OnvifMetadataRtpDepayPrivate* priv;
};

G_DEFINE_FINAL_TYPE(GstOnvifMetadataRtpDepay, gst_onvif_metadata_rtp_depay,
                    GST_TYPE_RTP_BASE_DEPAYLOAD)
GST_ELEMENT_REGISTER_DEFINE(onvifmetadatadepay, "onvifmetadatadepay", GST_RANK_SECONDARY,
                            GST_TYPE_ONVIF_METADATA_RTP_DEPAY)

// ONVIF Streaming, "RTP payload": ".gzip" is what devices say, "+gzip" what the specification does.
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("application/x-rtp, media=(string)application, clock-rate=(int)90000, "
                    "encoding-name=(string){ VND.ONVIF.METADATA, VND.ONVIF.METADATA.GZIP, "
                    "VND.ONVIF.METADATA+GZIP, VND.ONVIF.METADATA.EXI.ONVIF, "
                    "VND.ONVIF.METADATA.EXI.EXT }"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("application/x-onvif-metadata, parsed=(boolean)true, encoding=(string)utf8"));

static gboolean gst_onvif_metadata_rtp_depay_set_caps(GstRTPBaseDepayload* base, GstCaps* caps) {
    GstOnvifMetadataRtpDepay* self = GST_ONVIF_METADATA_RTP_DEPAY(base);
    const char* name = gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name");
    const std::string encoding = name ? name : "";
    const bool exi = encoding.find(".EXI") != std::string::npos;
    // A warning and no error: the picture beside this stream is not to suffer.
    if (exi)
        GST_ELEMENT_WARNING(self, STREAM, FORMAT,
                            ("The camera compresses its metadata with EXI, which cannot be read "
                             "here: set its metadata configuration to no compression or GZIP."),
                            ("%s", encoding.c_str()));
    {
        const glue::ObjectLock lock(self);
        self->priv->documents.reset();
        if (!exi)
            self->priv->documents.emplace(encoding.find("GZIP") != std::string::npos
                                              ? onvif::MetadataDocuments::Form::Gzip
                                              : onvif::MetadataDocuments::Form::Plain);
    }
    const glue::Ref<GstCaps> out(gst_static_pad_template_get_caps(&src_template));
    return gst_pad_set_caps(base->srcpad, out.get());
}

static void push(GstOnvifMetadataRtpDepay* self, const onvif::MetadataDocument& document) {
    GstBuffer* buffer = gst_buffer_new_memdup(document.text.data(), document.text.size());
    GST_BUFFER_PTS(buffer) = document.time;
    gst_rtp_base_depayload_push(GST_RTP_BASE_DEPAYLOAD(self), buffer);
}

static GstBuffer* gst_onvif_metadata_rtp_depay_process(GstRTPBaseDepayload* base,
                                                       GstRTPBuffer* rtp) {
    GstOnvifMetadataRtpDepay* self = GST_ONVIF_METADATA_RTP_DEPAY(base);
    return glue::guard(self, static_cast<GstBuffer*>(nullptr), [&] {
        const auto* payload = static_cast<const char*>(gst_rtp_buffer_get_payload(rtp));
        const std::size_t size = gst_rtp_buffer_get_payload_len(rtp);
        std::vector<onvif::MetadataDocument> ready;
        {
            const glue::ObjectLock lock(self);
            auto& documents = self->priv->documents;
            if (!documents)
                return static_cast<GstBuffer*>(nullptr);
            if (GST_BUFFER_IS_DISCONT(rtp->buffer))
                documents->lost();
            ready = documents->push({payload, payload ? size : 0}, gst_rtp_buffer_get_marker(rtp),
                                    GST_BUFFER_PTS(rtp->buffer));
        }
        for (const onvif::MetadataDocument& document : ready)
            push(self, document);
        return static_cast<GstBuffer*>(nullptr);
    });
}

/// A flush or a seek: what is there in part belongs to another time.
static gboolean gst_onvif_metadata_rtp_depay_handle_event(GstRTPBaseDepayload* base,
                                                          GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
        const glue::ObjectLock lock(base);
        auto& documents = GST_ONVIF_METADATA_RTP_DEPAY(base)->priv->documents;
        if (documents)
            documents->lost();
    }
    return GST_RTP_BASE_DEPAYLOAD_CLASS(gst_onvif_metadata_rtp_depay_parent_class)
        ->handle_event(base, event);
}

static void gst_onvif_metadata_rtp_depay_get_property(GObject* object, guint id, GValue* value,
                                                      GParamSpec* spec) {
    if (id != PropStats) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    const glue::ObjectLock lock(object);
    const auto& documents = GST_ONVIF_METADATA_RTP_DEPAY(object)->priv->documents;
    g_value_take_boxed(
        value, gst_structure_new("application/x-onvifmetadatadepay-stats", "documents",
                                 G_TYPE_UINT64, documents ? documents->completed() : 0, "dropped",
                                 G_TYPE_UINT64, documents ? documents->dropped() : 0, nullptr));
}

static void gst_onvif_metadata_rtp_depay_finalize(GObject* object) {
    delete GST_ONVIF_METADATA_RTP_DEPAY(object)->priv;
    G_OBJECT_CLASS(gst_onvif_metadata_rtp_depay_parent_class)->finalize(object);
}

static void gst_onvif_metadata_rtp_depay_init(GstOnvifMetadataRtpDepay* self) {
    self->priv = new OnvifMetadataRtpDepayPrivate;
}

static void gst_onvif_metadata_rtp_depay_class_init(GstOnvifMetadataRtpDepayClass* klass) {
    GST_DEBUG_CATEGORY_INIT(onvifmetadatadepay_debug, "onvifmetadatadepay", 0,
                            "ONVIF metadata depayloader");
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    auto* depay = GST_RTP_BASE_DEPAYLOAD_CLASS(klass);
    object->get_property = gst_onvif_metadata_rtp_depay_get_property;
    object->finalize = gst_onvif_metadata_rtp_depay_finalize;
    depay->set_caps = gst_onvif_metadata_rtp_depay_set_caps;
    depay->process_rtp_packet = gst_onvif_metadata_rtp_depay_process;
    depay->handle_event = gst_onvif_metadata_rtp_depay_handle_event;
    glue::installStats(object, PropStats,
                       "documents that were put together, and those dropped as broken, cut by "
                       "lost packets, foreign or too large");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    gst_element_class_set_static_metadata(
        element, "ONVIF metadata depayloader", "Codec/Depayloader/Network/RTP",
        "Complete ONVIF metadata documents out of RTP packets", "Video Stream");
}
