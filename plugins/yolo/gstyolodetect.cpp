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
 * detections with their age: right for cameras. The network is then loaded beside the stream, too.
 *
 * Everything but `engine`, `threads`, `mode`, `batch-size` and `model-instance-id` may change while
 * playing. A change that cannot work is refused with a warning, and what was set before stays.
 *
 * With inference-region=roi-list the network looks into what a detector before it found, and adds
 * to it: plates of cars, faces of people.
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
#include "glue/ref.hpp"
#include "glue/videoframe.hpp"
#include "gstyoloproperties.hpp"

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include <algorithm>
#include <atomic>
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
    /// From downstream: what is to be shown before this comes too late. Running time.
    std::atomic<GstClockTime> earliest{0};
    std::uint64_t frames = 0; ///< streaming thread
    GstClockTime latency = 0; ///< what the last LATENCY query was told; object lock
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

static bool isSecondStage(gpointer object) {
    const glue::ObjectLock lock(object);
    return self(object)->p->settings.where == yolo::Where::RoiList;
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
        "still", G_TYPE_UINT64, guint64{s.still}, "skipped-regions", G_TYPE_UINT64,
        guint64{s.skippedRegions}, "fps", G_TYPE_DOUBLE, s.timing.perSecond, "inference-ms-last",
        G_TYPE_DOUBLE, s.timing.lastMs, "inference-ms-mean", G_TYPE_DOUBLE, s.timing.meanMs,
        "inference-ms-p50", G_TYPE_DOUBLE, s.timing.p50Ms, "inference-ms-p95", G_TYPE_DOUBLE,
        s.timing.p95Ms, "prepare-ms-mean", G_TYPE_DOUBLE, s.prepareMs, "age-ms", G_TYPE_DOUBLE,
        milliseconds(s.age), nullptr);
}

static void warnOfModel(gpointer object, const base::Error& error) {
    GST_ELEMENT_WARNING(object, RESOURCE, SETTINGS, ("%s What was set before stays.", error.what()),
                        ("%s", error.details().c_str()));
}

/// What was found about the network, as `model-info` and the message "model-loaded" say it.
static GstStructure* infoOf(const char* name, const yolo::Model& model) {
    const yolo::Layout& layout = model.layout();
    const infer::ModelInfo& file = model.file();
    GstStructure* info = gst_structure_new(
        name, "info", G_TYPE_STRING, model.about().c_str(), "family", G_TYPE_STRING,
        layout.family.c_str(), "task", G_TYPE_STRING, layout.task().c_str(), "engine",
        G_TYPE_STRING, model.engineName().c_str(), "device", G_TYPE_STRING, model.device().c_str(),
        "format", G_TYPE_STRING, file.format == infer::ModelFormat::Darknet ? "darknet" : "onnx",
        "opset", G_TYPE_INT, static_cast<int>(file.opset), "precision", G_TYPE_STRING,
        file.precision, "width", G_TYPE_INT, model.width(), "height", G_TYPE_INT, model.height(),
        "stride", G_TYPE_INT, model.stride(), "classes", G_TYPE_INT, model.classes(), "key-points",
        G_TYPE_INT, layout.keyPoints, "batch", G_TYPE_INT, static_cast<int>(model.batch()),
        nullptr);
    GValue names = G_VALUE_INIT;
    gst_value_array_init(&names, static_cast<guint>(model.names().size()));
    for (const std::string& text : model.names()) {
        GValue value = G_VALUE_INIT;
        g_value_init(&value, G_TYPE_STRING);
        g_value_set_string(&value, text.c_str());
        gst_value_array_append_and_take_value(&names, &value);
    }
    gst_structure_take_value(info, "names", &names);
    return info;
}

static void tellOfModel(gpointer object, const yolo::Model& model) {
    GST_INFO_OBJECT(object, "model loaded: %s", model.about().c_str());
    if (!model.warning().empty())
        GST_ELEMENT_WARNING(object, RESOURCE, SETTINGS, ("%s", model.warning().c_str()), (nullptr));
    const unsigned batch = settingsOf(object).batchSize;
    if (batch > 1 && model.batch() == 1)
        GST_ELEMENT_WARNING(object, RESOURCE, SETTINGS,
                            ("The network takes one picture at a time, and batch-size=%u changes "
                             "nothing: export it with an open batch (dynamic=True), and run it "
                             "with ONNX Runtime.",
                             batch),
                            (nullptr));
    gst_element_post_message(
        GST_ELEMENT(object),
        gst_message_new_element(GST_OBJECT(object), infoOf("model-loaded", model)));
}

static void gst_yolo_detect_set_property(GObject* object, guint id, const GValue* value,
                                         GParamSpec* pspec) {
    if (!glue::setProperty(object, yolo::properties(), self(object)->p->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        return;
    }
    const auto detector = detectorOf(object);
    if (!detector || !(pspec->flags & GST_PARAM_MUTABLE_PLAYING))
        return;
    try {
        detector->configure(settingsOf(object));
    } catch (const base::Error& error) {
        warnOfModel(object, error);
    }
}

static void gst_yolo_detect_get_property(GObject* object, guint id, GValue* value,
                                         GParamSpec* pspec) {
    if (id == propStats) {
        g_value_take_boxed(value, statsOf(object));
    } else if (id == propModelInfo) {
        const auto detector = detectorOf(object);
        const auto network = detector ? detector->network() : nullptr;
        g_value_take_boxed(value,
                           network ? infoOf("application/x-yolodetect-model-info", network->model())
                                   : nullptr);
    } else if (!glue::getProperty(object, yolo::properties(), self(object)->p->settings, id,
                                  value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

/// They come from the detector's own threads, which end before the element does.
static yolo::Detector::Events eventsFor(gpointer object) {
    return {[object](const yolo::Model& model) { tellOfModel(object, model); },
            [object](const base::Error& error, bool none) {
                none ? glue::postError(object, error) : warnOfModel(object, error);
            }};
}

static gboolean gst_yolo_detect_start(GstBaseTransform* base) {
    return glue::guard(base, FALSE, [&] {
        std::shared_ptr<yolo::Detector> detector =
            yolo::Detector::open(settingsOf(base), eventsFor(base));
        self(base)->p->earliest = 0;
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
        if (const auto detector = detectorOf(base)) {
            self(base)->p->earliest = 0;
            detector->flush();
        }
    return GST_BASE_TRANSFORM_CLASS(gst_yolo_detect_parent_class)->sink_event(base, event);
}

static GstClockTime latencyOf(const yolo::Detector* detector) {
    const double ms = detector ? detector->stats().timing.p95Ms : 0;
    return static_cast<GstClockTime>(ms * GST_MSECOND);
}

/// Has the pipeline ask again when frames wait here much longer than it was told.
static void retellLatency(GstBaseTransform* base, yolo::Detector& detector) {
    constexpr std::uint64_t framesBetween = 64;
    if (self(base)->p->frames++ % framesBetween != 8 || settingsOf(base).mode == yolo::Mode::Live)
        return;
    const GstClockTime now = latencyOf(&detector);
    GstClockTime told = 0;
    {
        const glue::ObjectLock lock(base);
        told = self(base)->p->latency;
    }
    if (now > told + told / 2 + 5 * GST_MSECOND)
        gst_element_post_message(GST_ELEMENT(base), gst_message_new_latency(GST_OBJECT(base)));
}

/// What a sink says of frames that come too late: they are passed on all the same, since they may
/// be wanted for more than showing, but not looked at.
static gboolean gst_yolo_detect_src_event(GstBaseTransform* base, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_QOS) {
        GstClockTimeDiff late = 0;
        GstClockTime at = 0;
        gst_event_parse_qos(event, nullptr, nullptr, &late, &at);
        // Twice, so that the stream catches up: as GstVideoDecoder has it.
        const GstClockTimeDiff earliest =
            static_cast<GstClockTimeDiff>(at) + (late > 0 ? 2 * late : late);
        self(base)->p->earliest =
            static_cast<GstClockTime>(std::max(earliest, GstClockTimeDiff{0}));
    }
    return GST_BASE_TRANSFORM_CLASS(gst_yolo_detect_parent_class)->src_event(base, event);
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
    const GstClockTime own = latencyOf(detector.get());
    {
        const glue::ObjectLock lock(base);
        self(base)->p->latency = own;
    }
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

/// What detectors before this one found.
static base::Detections upstreamOf(const GstVideoInfo& info, GstBuffer* buffer) {
    auto found = glue::detectionsOf(buffer);
    if (!found)
        found = glue::regionsOf(buffer, GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info));
    return found ? std::move(*found) : base::Detections{};
}

static GstFlowReturn gst_yolo_detect_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
    return glue::guard(base, GST_FLOW_ERROR, [&] {
        const YoloDetectPrivate& p = *self(base)->p;
        const bool second = isSecondStage(base);
        base::Detections upstream = second ? upstreamOf(p.info, buffer) : base::Detections{};
        std::optional<base::Detections> found;
        {
            const glue::MappedFrame mapped(p.info, buffer, GST_MAP_READ);
            const auto time = timeOf(base, buffer);
            const bool late = time < std::chrono::nanoseconds(p.earliest);
            found = p.detector->process(mapped.readable(), time, {&upstream.objects, late});
        }
        if (found) {
            found->source = GST_OBJECT_NAME(base);
            // A second stage adds to what the first found.
            found->objects.insert(found->objects.begin(), upstream.objects.begin(),
                                  upstream.objects.end());
            glue::attachDetections(buffer, *found, GST_VIDEO_INFO_WIDTH(&p.info),
                                   GST_VIDEO_INFO_HEIGHT(&p.info));
        }
        retellLatency(base, *p.detector);
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
    base->src_event = gst_yolo_detect_src_event;
    base->query = gst_yolo_detect_query;
    base->submit_input_buffer = gst_yolo_detect_submit;
    base->transform_ip = gst_yolo_detect_transform_ip;
    base->transform_ip_on_passthrough = TRUE;

    glue::installProperties(object, yolo::properties());
    glue::installStats(
        object, propStats,
        "Frames seen, inferences done, frames passed over, milliseconds of the network "
        "and of preparing its input, age of the latest detections");
    g_object_class_install_property(
        object, propModelInfo,
        g_param_spec_boxed("model-info", "model-info",
                           "What was found about the network while one is loaded: family, task, "
                           "engine, device, input size, stride, classes and their names",
                           GST_TYPE_STRUCTURE, glue::flagsOf(G_PARAM_READABLE, GParamFlags(0))));

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
