/**
 * SECTION:element-onvifmetadataattach
 * @title: onvifmetadataattach
 * @short_description: The camera's own detections on its pictures
 *
 * Hangs the objects that a camera's analytics tell in its metadata stream on the pictures that they
 * belong to, as yolodetect does with what it finds: detectionoverlay draws them, others count them.
 * A picture never waits: it takes the latest objects at or before its own time, and their age goes
 * with them.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 onvifsrc location=onvif://192.0.2.7 metadata=true name=c c.video_0 ! decodebin ! \
 * videoconvert ! onvifmetadataattach name=a ! detectionoverlay ! videoconvert ! autovideosink \
 * c.application_0 ! onvifmetadatadepay ! a.metadata
 * ]|
 * The camera's picture with the boxes that the camera itself found.
 */
#include "glue/detectionmeta.hpp"
#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "metadatashelf.hpp"

#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC(onvifmetadataattach_debug);
#define GST_CAT_DEFAULT onvifmetadataattach_debug

#define GST_TYPE_ONVIF_METADATA_ATTACH (gst_onvif_metadata_attach_get_type())
G_DECLARE_FINAL_TYPE(GstOnvifMetadataAttach, gst_onvif_metadata_attach, GST, ONVIF_METADATA_ATTACH,
                     GstElement)

namespace {

struct AttachSettings {
    std::chrono::milliseconds maxAge{1000};
};

struct OnvifMetadataAttachPrivate {
    AttachSettings settings;                                       // object lock
    onvif::MetadataShelf shelf;                                    // object lock
    guint64 pictures = 0, attached = 0, documents = 0, broken = 0; // object lock
    GstSegment videoSegment, metadataSegment;                      // of their own streaming thread
    int width = 0, height = 0; // of the video's streaming thread
};

} // namespace

struct _GstOnvifMetadataAttach {
    GstElement parent;
    GstPad *video, *metadata, *src;
    OnvifMetadataAttachPrivate* priv;
};

G_DEFINE_FINAL_TYPE(GstOnvifMetadataAttach, gst_onvif_metadata_attach, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE(onvifmetadataattach, "onvifmetadataattach", GST_RANK_NONE,
                            GST_TYPE_ONVIF_METADATA_ATTACH)

static GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE(
    "video", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw(ANY)"));
static GstStaticPadTemplate metadata_template = GST_STATIC_PAD_TEMPLATE(
    "metadata", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-onvif-metadata"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw(ANY)"));

static const glue::PropertyTable<AttachSettings>& properties() {
    using S = AttachSettings;
    static const glue::PropertyTable<S> table = {
        glue::duration<S>("max-age",
                          "How old in ms what the camera saw may be to be hung on a picture",
                          &S::maxAge, std::chrono::milliseconds(0),
                          std::chrono::milliseconds(60000), glue::mutablePlaying),
    };
    return table;
}

static guint statsId() { return static_cast<guint>(properties().size()) + 1; }

static std::chrono::nanoseconds runningTime(const GstSegment& segment, const GstBuffer* buffer) {
    const guint64 time =
        gst_segment_to_running_time(&segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    return GST_CLOCK_TIME_IS_VALID(time) ? std::chrono::nanoseconds(time)
                                         : std::chrono::nanoseconds::min();
}

static std::optional<onvif::Metadata> read(GstBuffer* buffer) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return std::nullopt;
    std::optional<onvif::Metadata> metadata;
    try {
        metadata = onvif::readMetadata({reinterpret_cast<const char*>(map.data), map.size});
    } catch (const base::Error&) {
        // counted
    }
    gst_buffer_unmap(buffer, &map);
    return metadata;
}

static GstFlowReturn chainMetadata(GstPad*, GstObject* parent, GstBuffer* raw) {
    GstOnvifMetadataAttach* self = GST_ONVIF_METADATA_ATTACH(parent);
    const glue::Ref<GstBuffer> buffer(raw);
    return glue::guard(self, GST_FLOW_ERROR, [&] {
        OnvifMetadataAttachPrivate* priv = self->priv;
        const auto metadata = read(buffer.get());
        const auto start = runningTime(priv->metadataSegment, buffer.get());
        const glue::ObjectLock lock(self);
        (metadata ? priv->documents : priv->broken)++;
        if (metadata && start != start.min())
            priv->shelf.put(*metadata, start);
        return GST_FLOW_OK;
    });
}

static GstFlowReturn chainVideo(GstPad*, GstObject* parent, GstBuffer* raw) {
    GstOnvifMetadataAttach* self = GST_ONVIF_METADATA_ATTACH(parent);
    glue::Ref<GstBuffer> buffer(raw);
    return glue::guard(self, GST_FLOW_ERROR, [&] {
        OnvifMetadataAttachPrivate* priv = self->priv;
        const auto time = runningTime(priv->videoSegment, buffer.get());
        std::optional<base::Detections> seen;
        {
            const glue::ObjectLock lock(self);
            priv->pictures++;
            if (time != time.min())
                seen = priv->shelf.at(time, priv->settings.maxAge);
            priv->attached += seen.has_value();
        }
        if (seen) {
            seen->source = GST_OBJECT_NAME(self);
            buffer.reset(gst_buffer_make_writable(buffer.release()));
            glue::attachDetections(buffer.get(), *seen, priv->width, priv->height);
        }
        return gst_pad_push(self->src, buffer.release());
    });
}

static gboolean eventOfMetadata(GstPad*, GstObject* parent, GstEvent* raw) {
    GstOnvifMetadataAttach* self = GST_ONVIF_METADATA_ATTACH(parent);
    const glue::Ref<GstEvent> event(raw);
    if (GST_EVENT_TYPE(raw) == GST_EVENT_SEGMENT)
        gst_event_copy_segment(raw, &self->priv->metadataSegment);
    if (GST_EVENT_TYPE(raw) == GST_EVENT_FLUSH_STOP) {
        const glue::ObjectLock lock(self);
        self->priv->shelf.clear();
    }
    return TRUE; // the picture's stream tells downstream what it has to know
}

static gboolean eventOfVideo(GstPad* pad, GstObject* parent, GstEvent* event) {
    OnvifMetadataAttachPrivate* priv = GST_ONVIF_METADATA_ATTACH(parent)->priv;
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT)
        gst_event_copy_segment(event, &priv->videoSegment);
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event, &caps);
        const GstStructure* s = gst_caps_get_structure(caps, 0);
        gst_structure_get(s, "width", G_TYPE_INT, &priv->width, "height", G_TYPE_INT, &priv->height,
                          nullptr);
    }
    return gst_pad_event_default(pad, parent, event);
}

/// The picture goes through; the metadata ends here.
static GstIterator* linksOf(GstPad* pad, GstObject* parent) {
    GstOnvifMetadataAttach* self = GST_ONVIF_METADATA_ATTACH(parent);
    if (pad == self->metadata)
        return nullptr;
    GValue other = G_VALUE_INIT;
    g_value_init(&other, GST_TYPE_PAD);
    g_value_set_object(&other, pad == self->src ? self->video : self->src);
    GstIterator* links = gst_iterator_new_single(GST_TYPE_PAD, &other);
    g_value_unset(&other);
    return links;
}

static GstPad* addPad(GstOnvifMetadataAttach* self, GstStaticPadTemplate* from) {
    GstPad* pad = gst_pad_new_from_static_template(from, from->name_template);
    gst_pad_set_iterate_internal_links_function(pad, linksOf);
    gst_element_add_pad(GST_ELEMENT(self), pad);
    return pad;
}

static void gst_onvif_metadata_attach_set_property(GObject* object, guint id, const GValue* value,
                                                   GParamSpec* spec) {
    if (!glue::setProperty(object, properties(), GST_ONVIF_METADATA_ATTACH(object)->priv->settings,
                           id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_onvif_metadata_attach_get_property(GObject* object, guint id, GValue* value,
                                                   GParamSpec* spec) {
    OnvifMetadataAttachPrivate* priv = GST_ONVIF_METADATA_ATTACH(object)->priv;
    if (id == statsId()) {
        const glue::ObjectLock lock(object);
        g_value_take_boxed(
            value, gst_structure_new("application/x-onvifmetadataattach-stats", "pictures",
                                     G_TYPE_UINT64, priv->pictures, "attached", G_TYPE_UINT64,
                                     priv->attached, "documents", G_TYPE_UINT64, priv->documents,
                                     "broken", G_TYPE_UINT64, priv->broken, nullptr));
    } else if (!glue::getProperty(object, properties(), priv->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static GstStateChangeReturn gst_onvif_metadata_attach_change_state(GstElement* element,
                                                                   GstStateChange change) {
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(gst_onvif_metadata_attach_parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY) {
        const glue::ObjectLock lock(element);
        GST_ONVIF_METADATA_ATTACH(element)->priv->shelf.clear();
    }
    return result;
}

static void gst_onvif_metadata_attach_finalize(GObject* object) {
    delete GST_ONVIF_METADATA_ATTACH(object)->priv;
    G_OBJECT_CLASS(gst_onvif_metadata_attach_parent_class)->finalize(object);
}

static void gst_onvif_metadata_attach_init(GstOnvifMetadataAttach* self) {
    self->priv = new OnvifMetadataAttachPrivate;
    gst_segment_init(&self->priv->videoSegment, GST_FORMAT_TIME);
    gst_segment_init(&self->priv->metadataSegment, GST_FORMAT_TIME);
    self->video = addPad(self, &video_template);
    self->metadata = addPad(self, &metadata_template);
    self->src = addPad(self, &src_template);
    gst_pad_set_chain_function(self->video, chainVideo);
    gst_pad_set_event_function(self->video, eventOfVideo);
    gst_pad_set_chain_function(self->metadata, chainMetadata);
    gst_pad_set_event_function(self->metadata, eventOfMetadata);
    GST_PAD_SET_PROXY_CAPS(self->video);
    GST_PAD_SET_PROXY_ALLOCATION(self->video);
    GST_PAD_SET_PROXY_SCHEDULING(self->video);
    GST_PAD_SET_PROXY_CAPS(self->src);
}

static void gst_onvif_metadata_attach_class_init(GstOnvifMetadataAttachClass* klass) {
    GST_DEBUG_CATEGORY_INIT(onvifmetadataattach_debug, "onvifmetadataattach", 0,
                            "ONVIF metadata on pictures");
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_onvif_metadata_attach_set_property;
    object->get_property = gst_onvif_metadata_attach_get_property;
    object->finalize = gst_onvif_metadata_attach_finalize;
    element->change_state = gst_onvif_metadata_attach_change_state;
    glue::installProperties(object, properties());
    glue::installStats(object, statsId(),
                       "Pictures that went through, those that objects were attached to, "
                       "documents that were read, and broken ones");
    gst_element_class_add_static_pad_template(element, &video_template);
    gst_element_class_add_static_pad_template(element, &metadata_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    gst_element_class_set_static_metadata(
        element, "ONVIF metadata attacher", "Filter/Analyzer/Video",
        "Hangs what a camera's own analytics found on its pictures", "Video Stream");
}
