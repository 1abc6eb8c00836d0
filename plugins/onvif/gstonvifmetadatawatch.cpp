/**
 * SECTION:element-onvifmetadatawatch
 * @title: onvifmetadatawatch
 * @short_description: Tells what an ONVIF metadata stream says
 *
 * Lets metadata documents through untouched and posts what they say as element messages: an
 * "onvif-event" (topic, kind, operation, active, source, data, utc-time, running-time) for each
 * event, and "onvif-objects" (objects, utc-time, running-time) for each moment that the camera's
 * analytics describe. The running time is that of the picture to which the document belongs.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 onvifsrc location=onvif://192.0.2.7 metadata=true name=c c.application_0 ! \
 * onvifmetadatadepay ! onvifmetadatawatch ! fakesink
 * ]|
 * Posts the camera's events and objects; gst-launch-1.0 -m shows them.
 */
#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "gsteventfacts.hpp"
#include "gstmetadatafacts.hpp"

#include <gst/base/gstbasetransform.h>

GST_DEBUG_CATEGORY_STATIC(onvifmetadatawatch_debug);
#define GST_CAT_DEFAULT onvifmetadatawatch_debug

#define GST_TYPE_ONVIF_METADATA_WATCH (gst_onvif_metadata_watch_get_type())
G_DECLARE_FINAL_TYPE(GstOnvifMetadataWatch, gst_onvif_metadata_watch, GST, ONVIF_METADATA_WATCH,
                     GstBaseTransform)

namespace {

struct WatchSettings {
    bool postEvents = true;
    bool postObjects = true;
};

struct WatchCount {
    guint64 documents = 0, events = 0, objects = 0, broken = 0;
};

struct OnvifMetadataWatchPrivate {
    WatchSettings settings; // object lock
    WatchCount count;       // object lock
};

} // namespace

struct _GstOnvifMetadataWatch {
    GstBaseTransform parent;
    OnvifMetadataWatchPrivate* priv;
};

G_DEFINE_FINAL_TYPE(GstOnvifMetadataWatch, gst_onvif_metadata_watch, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(onvifmetadatawatch, "onvifmetadatawatch", GST_RANK_NONE,
                            GST_TYPE_ONVIF_METADATA_WATCH)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-onvif-metadata"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-onvif-metadata"));

static const glue::PropertyTable<WatchSettings>& properties() {
    using S = WatchSettings;
    static const glue::PropertyTable<S> table = {
        glue::toggle<S>("post-events", "Whether to post a message for each event", &S::postEvents,
                        glue::mutablePlaying),
        glue::toggle<S>("post-objects",
                        "Whether to post a message for each moment of the camera's analytics",
                        &S::postObjects, glue::mutablePlaying),
    };
    return table;
}

static guint statsId() { return static_cast<guint>(properties().size()) + 1; }

static void post(GstOnvifMetadataWatch* self, GstStructure* facts) {
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), facts));
}

static void tell(GstOnvifMetadataWatch* self, const onvif::Metadata& metadata, GstClockTime start) {
    const WatchSettings settings = glue::settingsOf(self, self->priv->settings);
    const auto at = [&](const std::optional<onvif::UtcTime>& time) {
        return GST_CLOCK_TIME_IS_VALID(start)
                   ? start + static_cast<GstClockTime>(metadata.after(time).count())
                   : GST_CLOCK_TIME_NONE;
    };
    if (settings.postEvents)
        for (const onvif::Event& event : metadata.events)
            post(self, onvif::eventFacts(event, at(event.time)));
    if (settings.postObjects)
        for (const onvif::MetadataFrame& frame : metadata.frames)
            post(self, onvif::objectFacts(frame, at(frame.time)));
}

/// A document that means nothing is counted and goes on: it is the camera's, and others may read
/// it.
static std::optional<onvif::Metadata> read(GstOnvifMetadataWatch* self, GstBuffer* buffer) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return std::nullopt;
    std::optional<onvif::Metadata> metadata;
    std::string reason;
    try {
        metadata = onvif::readMetadata({reinterpret_cast<const char*>(map.data), map.size});
    } catch (const base::Error& error) {
        reason = error.what();
    }
    gst_buffer_unmap(buffer, &map);
    if (!metadata)
        GST_DEBUG_OBJECT(self, "%s", reason.c_str());
    const glue::ObjectLock lock(self);
    WatchCount& count = self->priv->count;
    (metadata ? count.documents : count.broken)++;
    if (metadata) {
        count.events += metadata->events.size();
        for (const onvif::MetadataFrame& frame : metadata->frames)
            count.objects += frame.objects.size();
    }
    return metadata;
}

static GstFlowReturn gst_onvif_metadata_watch_transform_ip(GstBaseTransform* base,
                                                           GstBuffer* buffer) {
    GstOnvifMetadataWatch* self = GST_ONVIF_METADATA_WATCH(base);
    return glue::guard(self, GST_FLOW_ERROR, [&] {
        const GstClockTime running =
            gst_segment_to_running_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
        if (const auto metadata = read(self, buffer))
            tell(self, *metadata, running);
        return GST_FLOW_OK;
    });
}

static void gst_onvif_metadata_watch_set_property(GObject* object, guint id, const GValue* value,
                                                  GParamSpec* spec) {
    if (!glue::setProperty(object, properties(), GST_ONVIF_METADATA_WATCH(object)->priv->settings,
                           id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_onvif_metadata_watch_get_property(GObject* object, guint id, GValue* value,
                                                  GParamSpec* spec) {
    OnvifMetadataWatchPrivate* priv = GST_ONVIF_METADATA_WATCH(object)->priv;
    if (id == statsId()) {
        const glue::ObjectLock lock(object);
        const WatchCount& count = priv->count;
        g_value_take_boxed(
            value, gst_structure_new("application/x-onvifmetadatawatch-stats", "documents",
                                     G_TYPE_UINT64, count.documents, "events", G_TYPE_UINT64,
                                     count.events, "objects", G_TYPE_UINT64, count.objects,
                                     "broken", G_TYPE_UINT64, count.broken, nullptr));
    } else if (!glue::getProperty(object, properties(), priv->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void gst_onvif_metadata_watch_finalize(GObject* object) {
    delete GST_ONVIF_METADATA_WATCH(object)->priv;
    G_OBJECT_CLASS(gst_onvif_metadata_watch_parent_class)->finalize(object);
}

static void gst_onvif_metadata_watch_init(GstOnvifMetadataWatch* self) {
    self->priv = new OnvifMetadataWatchPrivate;
}

static void gst_onvif_metadata_watch_class_init(GstOnvifMetadataWatchClass* klass) {
    GST_DEBUG_CATEGORY_INIT(onvifmetadatawatch_debug, "onvifmetadatawatch", 0,
                            "ONVIF metadata in messages");
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    auto* transform = GST_BASE_TRANSFORM_CLASS(klass);
    object->set_property = gst_onvif_metadata_watch_set_property;
    object->get_property = gst_onvif_metadata_watch_get_property;
    object->finalize = gst_onvif_metadata_watch_finalize;
    transform->transform_ip = gst_onvif_metadata_watch_transform_ip;
    transform->passthrough_on_same_caps = TRUE;
    glue::installProperties(object, properties());
    glue::installStats(object, statsId(),
                       "Documents that were read, events and objects in them, and broken ones");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    gst_element_class_set_static_metadata(
        element, "ONVIF metadata watch", "Filter/Analyzer/Metadata",
        "Posts the events and objects of an ONVIF metadata stream on the bus", "Video Stream");
}
