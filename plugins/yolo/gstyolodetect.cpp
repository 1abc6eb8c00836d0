/**
 * SECTION:element-yolodetect
 * @title: yolodetect
 * @short_description: Finds objects in video with a YOLO network
 *
 * Hangs what a YOLO network sees on each frame: names, scores and boxes, as metadata that
 * detectionoverlay draws and other elements read. The pixels pass untouched, and are read as they
 * come: nothing has to be converted before.
 *
 * `model` is all it needs. How the network wants its picture, how its outputs are read and what its
 * classes are called is found from the file; `model-info` tells what was found.
 *
 * With mode=sync each frame waits for its own detections: right for files. With mode=live no frame
 * ever waits: the newest frame is inferred beside the stream and each frame carries the latest
 * detections with their age: right for cameras.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=50 ! yolodetect model=models/shapes.onnx ! fakesink
 * ]| Looks for the objects that a small network knows in each frame.
 */
#include "gstyolodetect.hpp"

#include "detector.hpp"
#include "glue/detectionmeta.hpp"
#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "glue/ref.hpp"
#include "glue/videoframe.hpp"

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include <chrono>
#include <memory>
#include <string>

GST_DEBUG_CATEGORY_STATIC(yolodetect_debug);
#define GST_CAT_DEFAULT yolodetect_debug

struct YoloDetectPrivate {
    yolo::Settings settings; ///< under the object lock
    /// Set and reset under the object lock; the streaming thread uses it without, since it is only
    /// replaced while that does not run.
    std::shared_ptr<yolo::Detector> detector;
    GstVideoInfo info;
};

struct GstYoloDetect {
    GstBaseTransform parent;
    YoloDetectPrivate* p;
};

struct GstYoloDetectClass {
    GstBaseTransformClass parent_class;
};

G_DEFINE_TYPE(GstYoloDetect, gst_yolo_detect, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(yolodetect, "yolodetect", GST_RANK_NONE, gst_yolo_detect_get_type())

static GType modeType() {
    static const GEnumValue values[] = {
        {static_cast<int>(yolo::Mode::Sync), "Each frame waits for its own detections", "sync"},
        {static_cast<int>(yolo::Mode::Live), "No frame waits; it carries the latest detections",
         "live"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstYoloDetectMode", values);
}

static GType engineType() {
    using infer::EngineChoice;
    static const GEnumValue values[] = {
        {static_cast<int>(EngineChoice::Auto), "The fastest of this build that takes the network",
         "auto"},
        {static_cast<int>(EngineChoice::OpenCv), "OpenCV DNN", "opencv"},
        {static_cast<int>(EngineChoice::OnnxRuntime), "ONNX Runtime", "onnxruntime"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstYoloDetectEngine", values);
}

static const glue::PropertyTable<yolo::Settings>& table() {
    using S = yolo::Settings;
    static const glue::PropertyTable<S> rows = {
        glue::text(
            "model",
            "File of the network: ONNX, or Darknet .weights or .cfg with the other beside it",
            &S::model),
        glue::text("labels",
                   "File with one class name per line, in the network's order (default: the "
                   "names in the network, or COCO's where it has 80 classes)",
                   &S::labels),
        glue::number("threshold", "Least score of a detection", &S::threshold, 0, 1,
                     glue::mutablePlaying),
        glue::number("iou-threshold",
                     "Of two boxes of one class that overlap by more than this part the "
                     "better is kept",
                     &S::iouThreshold, 0, 1, glue::mutablePlaying),
        glue::text("classes",
                   "Only these, by name or number with commas between: person,car (default: all)",
                   &S::classes, glue::mutablePlaying),
        glue::choice("engine", "Library that runs the network", &S::engine, engineType()),
        glue::number("threads", "Threads of the network (0: the engine's choice)", &S::threads, 0,
                     256),
        glue::number("inference-interval",
                     "Frames from one inference to the next (1: every frame); those "
                     "between carry the latest detections",
                     &S::inferenceInterval, 1, G_MAXINT, glue::mutablePlaying),
        glue::choice("mode", "Whether frames wait for their detections", &S::mode, modeType()),
    };
    return rows;
}

enum { propStats = 100, propModelInfo };

static GstYoloDetect* self(gpointer object) { return reinterpret_cast<GstYoloDetect*>(object); }

static std::shared_ptr<yolo::Detector> detectorOf(gpointer object) {
    const glue::ObjectLock lock(object);
    return self(object)->p->detector;
}

static yolo::Settings settingsOf(gpointer object) {
    const glue::ObjectLock lock(object);
    return self(object)->p->settings;
}

static double milliseconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

static GstStructure* statsOf(gpointer object) {
    const auto detector = detectorOf(object);
    const yolo::Stats s = detector ? detector->stats() : yolo::Stats{};
    return gst_structure_new(
        "application/x-yolodetect-stats", "frames", G_TYPE_UINT64, guint64{s.frames}, "inferences",
        G_TYPE_UINT64, guint64{s.timing.inferences}, "dropped", G_TYPE_UINT64, guint64{s.dropped},
        "inference-ms-last", G_TYPE_DOUBLE, s.timing.lastMs, "inference-ms-mean", G_TYPE_DOUBLE,
        s.timing.meanMs, "inference-ms-p95", G_TYPE_DOUBLE, s.timing.p95Ms, "prepare-ms-mean",
        G_TYPE_DOUBLE, s.prepareMs, "age-ms", G_TYPE_DOUBLE, milliseconds(s.age), nullptr);
}

static void gst_yolo_detect_set_property(GObject* object, guint id, const GValue* value,
                                         GParamSpec* pspec) {
    if (!glue::setProperty(object, table(), self(object)->p->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        return;
    }
    const auto detector = detectorOf(object);
    if (!detector || !(pspec->flags & GST_PARAM_MUTABLE_PLAYING))
        return;
    try {
        detector->configure(settingsOf(object));
    } catch (const std::exception& error) {
        GST_ELEMENT_WARNING(object, RESOURCE, SETTINGS,
                            ("%s What was set before stays.", error.what()), (nullptr));
    }
}

static void gst_yolo_detect_get_property(GObject* object, guint id, GValue* value,
                                         GParamSpec* pspec) {
    if (id == propStats) {
        g_value_take_boxed(value, statsOf(object));
    } else if (id == propModelInfo) {
        const auto detector = detectorOf(object);
        g_value_set_string(value, detector ? detector->model().about().c_str() : nullptr);
    } else if (!glue::getProperty(object, table(), self(object)->p->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void tellOfModel(gpointer object, const yolo::Model& model) {
    GST_INFO_OBJECT(object, "model loaded: %s", model.about().c_str());
    gst_element_post_message(
        GST_ELEMENT(object),
        gst_message_new_element(
            GST_OBJECT(object),
            gst_structure_new("model-loaded", "info", G_TYPE_STRING, model.about().c_str(),
                              "family", G_TYPE_STRING, model.layout().family.c_str(), "engine",
                              G_TYPE_STRING, model.engineName().c_str(), "width", G_TYPE_INT,
                              model.width(), "height", G_TYPE_INT, model.height(), nullptr)));
}

static gboolean gst_yolo_detect_start(GstBaseTransform* base) {
    return glue::guard(base, FALSE, [&] {
        std::shared_ptr<yolo::Detector> detector = yolo::Detector::open(settingsOf(base));
        tellOfModel(base, detector->model());
        const glue::ObjectLock lock(base);
        self(base)->p->detector = std::move(detector);
        return TRUE;
    });
}

static gboolean gst_yolo_detect_stop(GstBaseTransform* base) {
    std::shared_ptr<yolo::Detector> last; // its worker is joined outside the lock
    const glue::ObjectLock lock(base);
    last.swap(self(base)->p->detector);
    return TRUE;
}

static gboolean gst_yolo_detect_set_caps(GstBaseTransform* base, GstCaps* caps, GstCaps*) {
    return gst_video_info_from_caps(&self(base)->p->info, caps);
}

static gboolean gst_yolo_detect_sink_event(GstBaseTransform* base, GstEvent* event) {
    // Both come with the streaming thread at rest or from it.
    const GstEventType type = GST_EVENT_TYPE(event);
    if (type == GST_EVENT_FLUSH_STOP || type == GST_EVENT_STREAM_START)
        if (const auto detector = detectorOf(base))
            detector->flush();
    return GST_BASE_TRANSFORM_CLASS(gst_yolo_detect_parent_class)->sink_event(base, event);
}

/// With a live source and mode=sync the sink must allow for the time that frames wait here.
static gboolean gst_yolo_detect_query(GstBaseTransform* base, GstPadDirection direction,
                                      GstQuery* query) {
    const gboolean known =
        GST_BASE_TRANSFORM_CLASS(gst_yolo_detect_parent_class)->query(base, direction, query);
    if (!known || direction != GST_PAD_SRC || GST_QUERY_TYPE(query) != GST_QUERY_LATENCY ||
        settingsOf(base).mode == yolo::Mode::Live)
        return known;
    const auto detector = detectorOf(base);
    gboolean live = FALSE;
    GstClockTime least = 0, most = 0;
    gst_query_parse_latency(query, &live, &least, &most);
    const double ms = detector ? detector->stats().timing.p95Ms : 0;
    const auto own = static_cast<GstClockTime>(ms * GST_MSECOND);
    gst_query_set_latency(query, live, least + own,
                          GST_CLOCK_TIME_IS_VALID(most) ? most + own : GST_CLOCK_TIME_NONE);
    return TRUE;
}

/// The base class passes buffers through and never makes them writable; only the metadata has to
/// be, which copies no pixel.
static GstFlowReturn gst_yolo_detect_submit(GstBaseTransform* base, gboolean discont,
                                            GstBuffer* buffer) {
    const GstFlowReturn result = GST_BASE_TRANSFORM_CLASS(gst_yolo_detect_parent_class)
                                     ->submit_input_buffer(base, discont, buffer);
    if (result == GST_FLOW_OK && base->queued_buf)
        base->queued_buf = gst_buffer_make_writable(base->queued_buf);
    return result;
}

/// A time that goes on across seeks and segments, for the age of detections.
static std::chrono::nanoseconds timeOf(GstBaseTransform* base, GstBuffer* buffer) {
    const GstClockTime time =
        gst_segment_to_running_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (GST_CLOCK_TIME_IS_VALID(time))
        return std::chrono::nanoseconds(time);
    return std::chrono::microseconds(g_get_monotonic_time());
}

static GstFlowReturn gst_yolo_detect_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
    return glue::guard(base, GST_FLOW_ERROR, [&] {
        const YoloDetectPrivate& p = *self(base)->p;
        std::optional<base::Detections> found;
        {
            const glue::MappedFrame mapped(p.info, buffer, GST_MAP_READ);
            found = p.detector->process(mapped.readable(), timeOf(base, buffer));
        }
        if (found) {
            found->source = GST_OBJECT_NAME(base);
            glue::attachDetections(buffer, *found, GST_VIDEO_INFO_WIDTH(&p.info),
                                   GST_VIDEO_INFO_HEIGHT(&p.info));
        }
        return GST_FLOW_OK;
    });
}

static void gst_yolo_detect_finalize(GObject* object) {
    delete self(object)->p;
    G_OBJECT_CLASS(gst_yolo_detect_parent_class)->finalize(object);
}

static void gst_yolo_detect_init(GstYoloDetect* element) {
    element->p = new YoloDetectPrivate;
    gst_video_info_init(&element->p->info);
    gst_base_transform_set_passthrough(&element->parent, TRUE);
}

static void gst_yolo_detect_class_init(GstYoloDetectClass* klass) {
    GST_DEBUG_CATEGORY_INIT(yolodetect_debug, "yolodetect", 0, "YOLO object detection");
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    auto* base = GST_BASE_TRANSFORM_CLASS(klass);
    object->set_property = gst_yolo_detect_set_property;
    object->get_property = gst_yolo_detect_get_property;
    object->finalize = gst_yolo_detect_finalize;
    base->start = gst_yolo_detect_start;
    base->stop = gst_yolo_detect_stop;
    base->set_caps = gst_yolo_detect_set_caps;
    base->sink_event = gst_yolo_detect_sink_event;
    base->query = gst_yolo_detect_query;
    base->submit_input_buffer = gst_yolo_detect_submit;
    base->transform_ip = gst_yolo_detect_transform_ip;
    base->transform_ip_on_passthrough = TRUE;

    glue::installProperties(object, table());
    g_object_class_install_property(
        object, propStats,
        g_param_spec_boxed(
            "stats", "stats",
            "Frames seen, inferences done, frames passed over, milliseconds of the network "
            "and of preparing its input, age of the latest detections",
            GST_TYPE_STRUCTURE, glue::flagsOf(G_PARAM_READABLE, GParamFlags(0))));
    g_object_class_install_property(
        object, propModelInfo,
        g_param_spec_string("model-info", "model-info",
                            "What was found about the network, while one is loaded", nullptr,
                            glue::flagsOf(G_PARAM_READABLE, GParamFlags(0))));

    const std::string caps = std::string("video/x-raw, format=(string)") + glue::frameFormats +
                             ", width=" GST_VIDEO_SIZE_RANGE ", height=" GST_VIDEO_SIZE_RANGE
                             ", framerate=" GST_VIDEO_FPS_RANGE;
    for (const auto& [name, direction] : {std::pair{"sink", GST_PAD_SINK}, {"src", GST_PAD_SRC}}) {
        const glue::Ref<GstCaps> all(gst_caps_from_string(caps.c_str()));
        gst_element_class_add_pad_template(
            element, gst_pad_template_new(name, direction, GST_PAD_ALWAYS, all.get()));
    }
    gst_element_class_set_static_metadata(
        element, "YOLO object detector", "Filter/Analyzer/Video",
        "Finds objects with a YOLO network and hangs them on the frames", "Video Stream");
}
