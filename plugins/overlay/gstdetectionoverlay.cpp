/**
 * SECTION:element-detectionoverlay
 * @title: detectionoverlay
 *
 * Draws the objects that a detector found: a box, and a tab with name, track number and score, in
 * colours that stay with the class or the track; and what else the network tells: the object's
 * pixels tinted, its key points with a person's limbs, its box as it is turned. It writes into the
 * frames as they come, whatever their format; a frame without objects goes on untouched, and is not
 * copied even where others hold it.
 *
 * Detections are those that yolodetect and objecttrack hang on buffers; where there are none, the
 * GstVideoRegionOfInterestMeta of other detectors is drawn, or where GStreamer is 1.24 or newer
 * what they tell by analytics metadata. What yolodetect and objecttrack found is marked as drawn,
 * so that a page that draws boxes over the picture leaves these out. Every property may change
 * while playing.
 *
 * |[
 * gst-launch-1.0 filesrc location=street.jpg ! jpegdec ! videoconvert ! \
 *     yolodetect model=yolox_nano.onnx labels=models/coco.names ! detectionoverlay ! \
 *     videoconvert ! jpegenc ! filesink location=boxes.jpg
 * ]|
 */
#include "glue/detectionmeta.hpp"
#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "glue/videoframe.hpp"
#include "overlay/painter.hpp"

#include <gst/video/gstvideofilter.h>

#include <optional>

GST_DEBUG_CATEGORY_STATIC(detectionoverlay_debug);
#define GST_CAT_DEFAULT detectionoverlay_debug

struct DetectionOverlayPrivate {
    overlay::Settings settings; ///< under the object lock
    bool changed = false;       ///< likewise: the painter does not know `settings` yet
    std::optional<overlay::Painter> painter;
    std::optional<base::Detections> due; ///< what goes into the frame at hand
};

#define GST_TYPE_DETECTION_OVERLAY (gst_detection_overlay_get_type())
G_DECLARE_FINAL_TYPE(GstDetectionOverlay, gst_detection_overlay, GST, DETECTION_OVERLAY,
                     GstVideoFilter)

struct _GstDetectionOverlay {
    GstVideoFilter parent;
    DetectionOverlayPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstDetectionOverlay, gst_detection_overlay, GST_TYPE_VIDEO_FILTER,
                        GST_DEBUG_CATEGORY_INIT(detectionoverlay_debug, "detectionoverlay", 0,
                                                "draws detections"))
GST_ELEMENT_REGISTER_DEFINE(detectionoverlay, "detectionoverlay", GST_RANK_NONE,
                            GST_TYPE_DETECTION_OVERLAY)

static const glue::PropertyTable<overlay::Settings>& properties() {
    using S = overlay::Settings;
    using glue::mutablePlaying;
    static const glue::PropertyTable<S> table = {
        glue::number("line-width",
                     "Width of the boxes' lines in pixels; 0 follows the frame's size",
                     &S::lineWidth, 0, 100, mutablePlaying),
        glue::text(
            "font",
            "Font of the labels as Pango writes it, \"Sans Bold\" or \"DejaVu Sans 14\"; without "
            "a size it follows the frame's",
            &S::font, mutablePlaying),
        glue::toggle("labels", "Write the names of the objects", &S::labels, mutablePlaying),
        glue::toggle("scores", "Write how sure the detector was, in percent", &S::scores,
                     mutablePlaying),
        glue::toggle("track-ids", "Write the numbers of tracked objects", &S::trackIds,
                     mutablePlaying),
        glue::number(
            "color",
            "Colour of all boxes as 0xAARRGGBB (big-endian ARGB); 0 gives each class, or each "
            "track where objects are tracked, a colour of its own",
            &S::color, 0U, G_MAXUINT, mutablePlaying),
        glue::toggle("draw-boxes",
                     "Draw the boxes, turned where the network tells how objects are turned",
                     &S::boxes, mutablePlaying),
        glue::toggle("draw-masks", "Tint the pixels of objects whose network tells which they are",
                     &S::masks, mutablePlaying),
        glue::toggle("draw-keypoints",
                     "Draw the key points of objects, and the limbs of persons that have COCO's 17",
                     &S::keyPoints, mutablePlaying),
        glue::number("keypoint-threshold", "Leave out key points that are seen less surely",
                     &S::keyPointThreshold, 0.0, 1.0, mutablePlaying),
        glue::number("mask-opacity",
                     "How much of an object its tint hides, as a part of opacity; 0 draws none",
                     &S::maskOpacity, 0.0, 1.0, mutablePlaying),
        glue::number("opacity", "How much of the picture the drawing hides: 1 all, 0 draws nothing",
                     &S::opacity, 0.0, 1.0, mutablePlaying),
        glue::text(
            "classes",
            "Draw only these: names or numbers of classes, parted by commas; empty draws all",
            &S::classes, mutablePlaying),
    };
    return table;
}

static void gst_detection_overlay_set_property(GObject* object, guint id, const GValue* value,
                                               GParamSpec* spec) {
    DetectionOverlayPrivate* priv = GST_DETECTION_OVERLAY(object)->priv;
    if (!glue::setProperty(object, properties(), priv->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    const glue::ObjectLock lock(object);
    priv->changed = true;
}

static void gst_detection_overlay_get_property(GObject* object, guint id, GValue* value,
                                               GParamSpec* spec) {
    DetectionOverlayPrivate* priv = GST_DETECTION_OVERLAY(object)->priv;
    if (!glue::getProperty(object, properties(), priv->settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static overlay::Settings takeSettings(GstDetectionOverlay* self) {
    const glue::ObjectLock lock(self);
    self->priv->changed = false;
    return self->priv->settings;
}

static bool settingsChanged(GstDetectionOverlay* self) {
    const glue::ObjectLock lock(self);
    return self->priv->changed;
}

static gboolean gst_detection_overlay_start(GstBaseTransform* base) {
    GstDetectionOverlay* self = GST_DETECTION_OVERLAY(base);
    return glue::guard(self, FALSE, [&] {
        self->priv->painter.emplace(takeSettings(self));
        return TRUE;
    });
}

static gboolean gst_detection_overlay_stop(GstBaseTransform* base) {
    DetectionOverlayPrivate* priv = GST_DETECTION_OVERLAY(base)->priv;
    priv->painter.reset();
    priv->due.reset();
    return TRUE;
}

static gboolean gst_detection_overlay_set_info(GstVideoFilter* filter, GstCaps*, GstVideoInfo* info,
                                               GstCaps*, GstVideoInfo*) {
    return glue::guard(filter, FALSE, [&] {
        GST_DETECTION_OVERLAY(filter)->priv->painter->warmUp(GST_VIDEO_INFO_WIDTH(info),
                                                             GST_VIDEO_INFO_HEIGHT(info));
        return TRUE;
    });
}

static std::optional<base::Detections> detectionsFor(GstVideoFilter* filter, GstBuffer* buffer) {
    if (auto ours = glue::detectionsOf(buffer))
        return ours;
    return glue::regionsOf(buffer, GST_VIDEO_INFO_WIDTH(&filter->in_info),
                           GST_VIDEO_INFO_HEIGHT(&filter->in_info));
}

/// The base class copies a buffer that somebody else holds too. With nothing to draw the buffer
/// goes on as it is.
static GstFlowReturn gst_detection_overlay_prepare(GstBaseTransform* base, GstBuffer* in,
                                                   GstBuffer** out) {
    GstDetectionOverlay* self = GST_DETECTION_OVERLAY(base);
    DetectionOverlayPrivate* priv = self->priv;
    return glue::guard(self, GST_FLOW_ERROR, [&] {
        if (settingsChanged(self))
            priv->painter->use(takeSettings(self));
        priv->due = detectionsFor(GST_VIDEO_FILTER(base), in);
        if (priv->due && priv->painter->hasWork(*priv->due))
            return GST_BASE_TRANSFORM_CLASS(gst_detection_overlay_parent_class)
                ->prepare_output_buffer(base, in, out);
        priv->due.reset();
        *out = in;
        return GST_FLOW_OK;
    });
}

static GstFlowReturn gst_detection_overlay_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
    DetectionOverlayPrivate* priv = GST_DETECTION_OVERLAY(base)->priv;
    if (!priv->due)
        return GST_FLOW_OK;
    return glue::guard(base, GST_FLOW_ERROR, [&] {
        glue::MappedFrame frame(GST_VIDEO_FILTER(base)->in_info, buffer, GST_MAP_READWRITE);
        priv->painter->draw(frame.writable(), *priv->due);
        for (base::Detection& object : priv->due->objects)
            object.drawn = object.drawn || priv->painter->shows(object);
        glue::markDrawn(buffer, *priv->due);
        return GST_FLOW_OK;
    });
}

static void gst_detection_overlay_finalize(GObject* object) {
    delete GST_DETECTION_OVERLAY(object)->priv;
    G_OBJECT_CLASS(gst_detection_overlay_parent_class)->finalize(object);
}

static void gst_detection_overlay_init(GstDetectionOverlay* self) {
    self->priv = new DetectionOverlayPrivate;
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_detection_overlay_class_init(GstDetectionOverlayClass* klass) {
    GObjectClass* object = G_OBJECT_CLASS(klass);
    object->set_property = gst_detection_overlay_set_property;
    object->get_property = gst_detection_overlay_get_property;
    object->finalize = gst_detection_overlay_finalize;
    glue::installProperties(object, properties());

    GstElementClass* element = GST_ELEMENT_CLASS(klass);
    gst_element_class_set_static_metadata(
        element, "Detection overlay", "Filter/Effect/Video",
        "Draws boxes and names of detected objects into the frames", PACKAGE_ORIGIN);
    const std::string caps = std::string("video/x-raw, format=(string)") + glue::frameFormats +
                             ", width=(int)[ 1, max ], height=(int)[ 1, max ]"
                             ", framerate=(fraction)[ 0, max ]";
    const glue::Ref<GstCaps> formats(gst_caps_from_string(caps.c_str()));
    for (const auto& [name, direction] : {std::pair("sink", GST_PAD_SINK), {"src", GST_PAD_SRC}})
        gst_element_class_add_pad_template(
            element, gst_pad_template_new(name, direction, GST_PAD_ALWAYS, formats.get()));

    GstBaseTransformClass* base = GST_BASE_TRANSFORM_CLASS(klass);
    base->start = gst_detection_overlay_start;
    base->stop = gst_detection_overlay_stop;
    base->prepare_output_buffer = gst_detection_overlay_prepare;
    base->transform_ip = gst_detection_overlay_transform_ip;
    GST_VIDEO_FILTER_CLASS(klass)->set_info = gst_detection_overlay_set_info;
}
