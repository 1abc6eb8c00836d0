/**
 * SECTION:element-dnnfilter
 * @title: dnnfilter
 *
 * Sends the picture through a network that makes a picture of a picture: style transfer, dreams,
 * denoising, colours. The network takes three channels and answers with three of the same size; how
 * it counts brightness is found out by trying it. Frames that are larger than the network's picture
 * go through it in tiles, which overlap and fade into each other.
 *
 * With mode=every each frame waits for its own answer. With mode=live no frame waits: the network
 * gets the frame that comes when it is free, and every frame goes on, at its own time, showing the
 * latest answer; until the first one frames go on as they are. `stats` counts the frames, those
 * that were filtered, and those that repeat an answer.
 *
 * Another network may be set while it plays: it is loaded beside the stream and takes its place
 * once it is ready, which the message "model-loaded" tells. One that cannot be loaded is a warning,
 * and the one before stays.
 *
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=256,height=144 ! videoconvert ! \
 *     dnnfilter mode=live model=mosaic.onnx ! videoconvert ! autovideosink
 * ]|
 */
#include "dnnfilter/filterloader.hpp"
#include "dnnfilter/livefilter.hpp"
#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "glue/videoframe.hpp"

#include <gst/video/gstvideofilter.h>

#include <mutex>

GST_DEBUG_CATEGORY_STATIC(dnnfilter_debug);
#define GST_CAT_DEFAULT dnnfilter_debug

namespace {

enum class Mode { Every, Live };

struct FilterSettings : dnnfilter::ModelSettings {
    Mode mode = Mode::Every;
    int overlap = 32; ///< pixels
};

} // namespace

struct DnnFilterPrivate {
    FilterSettings settings; ///< under the object lock
    Mode mode = Mode::Every; ///< while it runs
    std::unique_ptr<dnnfilter::Filter> filter;
    std::unique_ptr<dnnfilter::LiveFilter> live;
    dnnfilter::RgbPicture in, out;
    std::shared_ptr<const dnnfilter::RgbPicture> shown; ///< what the frame before had
    std::mutex mutex;                                   ///< of the loader and the numbers
    std::shared_ptr<dnnfilter::FilterLoader> loader;    ///< while it runs
    guint64 frames = 0, filtered = 0, repeated = 0;
};

#define GST_TYPE_DNN_FILTER (gst_dnn_filter_get_type())
G_DECLARE_FINAL_TYPE(GstDnnFilter, gst_dnn_filter, GST, DNN_FILTER, GstVideoFilter)

struct _GstDnnFilter {
    GstVideoFilter parent;
    DnnFilterPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstDnnFilter, gst_dnn_filter, GST_TYPE_VIDEO_FILTER,
                        GST_DEBUG_CATEGORY_INIT(dnnfilter_debug, "dnnfilter", 0,
                                                "pictures through a network"))
GST_ELEMENT_REGISTER_DEFINE(dnnfilter, "dnnfilter", GST_RANK_NONE, GST_TYPE_DNN_FILTER)

namespace {

GType modeType() {
    static const GEnumValue values[] = {
        {static_cast<int>(Mode::Every), "Each frame waits for its own answer", "every"},
        {static_cast<int>(Mode::Live), "No frame waits; it shows the latest answer", "live"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstDnnFilterMode", values);
}

GType rangeType() {
    using dnnfilter::Range;
    static const GEnumValue values[] = {
        {static_cast<int>(Range::Auto), "Found out by trying", "auto"},
        {static_cast<int>(Range::Byte), "0 to 255", "byte"},
        {static_cast<int>(Range::Unit), "0 to 1", "unit"},
        {static_cast<int>(Range::Signed), "-1 to 1", "signed"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstDnnFilterRange", values);
}

GType channelsType() {
    using dnnfilter::Channels;
    static const GEnumValue values[] = {
        {static_cast<int>(Channels::Rgb), "Red, green, blue", "rgb"},
        {static_cast<int>(Channels::Bgr), "Blue, green, red", "bgr"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstDnnFilterChannels", values);
}

GType engineType() {
    using infer::EngineChoice;
    static const GEnumValue values[] = {
        {static_cast<int>(EngineChoice::Auto), "The fastest of this build that takes the network",
         "auto"},
        {static_cast<int>(EngineChoice::OpenCv), "OpenCV DNN", "opencv"},
        {static_cast<int>(EngineChoice::OnnxRuntime), "ONNX Runtime", "onnxruntime"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstDnnFilterEngine", values);
}

/// A field that FilterSettings has from the core's.
template <class Field>
constexpr Field FilterSettings::*own(Field dnnfilter::ModelSettings::*field) {
    return field;
}

const glue::PropertyTable<FilterSettings>& properties() {
    using S = FilterSettings;
    using M = dnnfilter::ModelSettings;
    static const glue::PropertyTable<S> table = {
        glue::text("model", "The network: an .onnx file that makes a picture of a picture",
                   own(&M::model), glue::mutablePlaying),
        glue::choice("mode", "Whether frames wait for the network", &S::mode, modeType()),
        glue::number("tile-size",
                     "Sides in pixels of the tiles that a network which takes any size is given; "
                     "others have their own",
                     own(&M::tileSize), 32, 4096, glue::mutablePlaying),
        glue::number("tile-overlap",
                     "Pixels that neighbouring tiles share at least and fade over, held under half "
                     "a tile",
                     &S::overlap, 0, 1024, glue::mutablePlaying),
        glue::choice("range", "What stands for black and white in the network's numbers",
                     own(&M::range), rangeType(), glue::mutablePlaying),
        glue::choice("channels", "The order of the network's channels", own(&M::channels),
                     channelsType(), glue::mutablePlaying),
        glue::choice("engine", "The library that runs the network", own(&M::engine), engineType()),
        glue::text("device",
                   "What runs the network: \"cpu\", or another that the library offers, with a "
                   "number where there are several: \"cuda:1\"",
                   own(&M::device)),
        glue::number("threads", "Threads of the network; 0 leaves it to the library",
                     own(&M::threads), 0, 1024),
    };
    return table;
}

guint statsId() { return static_cast<guint>(properties().size()) + 1; }

GstStructure* statsOf(DnnFilterPrivate* priv) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    return gst_structure_new("application/x-dnnfilter-stats", "frames", G_TYPE_UINT64, priv->frames,
                             "filtered", G_TYPE_UINT64, priv->filtered, "repeated", G_TYPE_UINT64,
                             priv->repeated, nullptr);
}

/// Counts a frame, and whether it shows an answer that is new, or one that was shown before.
void count(DnnFilterPrivate* priv, bool fresh, bool again) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    priv->frames++;
    priv->filtered += fresh;
    priv->repeated += again;
}

void filterNow(DnnFilterPrivate* priv, glue::MappedFrame& frame) {
    dnnfilter::toRgb(frame.readable(), priv->in);
    priv->filter->apply(priv->in, priv->out);
    base::WritableFrame writable = frame.writable();
    dnnfilter::fromRgb(priv->out, writable);
    count(priv, true, false);
}

void showLatest(DnnFilterPrivate* priv, glue::MappedFrame& frame) {
    if (priv->live->idle()) {
        dnnfilter::toRgb(frame.readable(), priv->in);
        priv->live->offer(priv->in);
    }
    const auto latest = priv->live->latest();
    const bool fits = latest && latest->width == frame.readable().width &&
                      latest->height == frame.readable().height;
    count(priv, fits && latest != priv->shown, fits && latest == priv->shown);
    priv->shown = latest;
    if (!fits)
        return;
    base::WritableFrame writable = frame.writable();
    dnnfilter::fromRgb(*latest, writable);
}

std::shared_ptr<dnnfilter::FilterLoader> loaderOf(DnnFilterPrivate* priv) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    return priv->loader;
}

void tellOfModel(GstDnnFilter* self, const dnnfilter::Filter& filter) {
    const std::string about = filter.model().about();
    GST_INFO_OBJECT(self, "%s", about.c_str());
    gst_element_post_message(
        GST_ELEMENT(self),
        gst_message_new_element(
            GST_OBJECT(self),
            gst_structure_new("model-loaded", "info", G_TYPE_STRING, about.c_str(), nullptr)));
}

/// Takes what was loaded beside the stream, between two frames.
void adopt(GstDnnFilter* self) {
    DnnFilterPrivate* priv = self->priv;
    const auto loader = loaderOf(priv);
    auto outcome = loader->take();
    if (!outcome)
        return;
    if (!outcome->filter) {
        GST_ELEMENT_WARNING(self, RESOURCE, SETTINGS,
                            ("%s What was set before stays.", outcome->failure->what()),
                            ("%s", outcome->failure->details().c_str()));
        return;
    }
    tellOfModel(self, *outcome->filter);
    if (priv->live)
        return priv->live->replace(std::move(outcome->filter));
    std::swap(priv->filter, outcome->filter);
    loader->dispose(std::move(outcome->filter));
}

} // namespace

static void gst_dnn_filter_set_property(GObject* object, guint id, const GValue* value,
                                        GParamSpec* spec) {
    DnnFilterPrivate* priv = GST_DNN_FILTER(object)->priv;
    if (!glue::setProperty(object, properties(), priv->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    const auto loader = loaderOf(priv);
    if (!loader || !(spec->flags & GST_PARAM_MUTABLE_PLAYING))
        return;
    const FilterSettings settings = glue::settingsOf(object, priv->settings);
    loader->load(settings, settings.overlap);
}

static void gst_dnn_filter_get_property(GObject* object, guint id, GValue* value,
                                        GParamSpec* spec) {
    DnnFilterPrivate* priv = GST_DNN_FILTER(object)->priv;
    if (id == statsId())
        g_value_take_boxed(value, statsOf(priv));
    else if (!glue::getProperty(object, properties(), priv->settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static gboolean gst_dnn_filter_start(GstBaseTransform* base) {
    GstDnnFilter* self = GST_DNN_FILTER(base);
    DnnFilterPrivate* priv = self->priv;
    return glue::guard(self, FALSE, [&] {
        const FilterSettings settings = glue::settingsOf(self, priv->settings);
        priv->filter = std::make_unique<dnnfilter::Filter>(dnnfilter::ImageModel::open(settings),
                                                           settings.overlap);
        tellOfModel(self, *priv->filter);
        priv->mode = settings.mode;
        if (priv->mode == Mode::Live)
            priv->live = std::make_unique<dnnfilter::LiveFilter>(std::move(priv->filter));
        const std::lock_guard<std::mutex> lock(priv->mutex);
        priv->loader = std::make_shared<dnnfilter::FilterLoader>();
        priv->frames = priv->filtered = priv->repeated = 0;
        return TRUE;
    });
}

static gboolean gst_dnn_filter_stop(GstBaseTransform* base) {
    DnnFilterPrivate* priv = GST_DNN_FILTER(base)->priv;
    std::shared_ptr<dnnfilter::FilterLoader> loader;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        loader = std::move(priv->loader);
    }
    loader.reset(); // without the lock: it may take its time
    priv->live.reset();
    priv->filter.reset();
    priv->shown.reset();
    return TRUE;
}

/// After a seek the old answers are of another time.
static gboolean gst_dnn_filter_sink_event(GstBaseTransform* base, GstEvent* event) {
    DnnFilterPrivate* priv = GST_DNN_FILTER(base)->priv;
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP && priv->live)
        priv->live->forget();
    return GST_BASE_TRANSFORM_CLASS(gst_dnn_filter_parent_class)->sink_event(base, event);
}

static gboolean gst_dnn_filter_set_info(GstVideoFilter* filter, GstCaps*, GstVideoInfo* info,
                                        GstCaps*, GstVideoInfo*) {
    DnnFilterPrivate* priv = GST_DNN_FILTER(filter)->priv;
    const int width = GST_VIDEO_INFO_WIDTH(info), height = GST_VIDEO_INFO_HEIGHT(info);
    GST_INFO_OBJECT(filter, "%zu inferences for a frame",
                    priv->live ? priv->live->tiles(width, height)
                               : priv->filter->tiles(width, height));
    return TRUE;
}

static GstFlowReturn gst_dnn_filter_transform_frame_ip(GstVideoFilter* filter,
                                                       GstVideoFrame* mapped) {
    DnnFilterPrivate* priv = GST_DNN_FILTER(filter)->priv;
    return glue::guard(filter, GST_FLOW_ERROR, [&] {
        adopt(GST_DNN_FILTER(filter));
        glue::MappedFrame frame(mapped);
        if (priv->live)
            showLatest(priv, frame);
        else
            filterNow(priv, frame);
        return GST_FLOW_OK;
    });
}

static void gst_dnn_filter_finalize(GObject* object) {
    delete GST_DNN_FILTER(object)->priv;
    G_OBJECT_CLASS(gst_dnn_filter_parent_class)->finalize(object);
}

static void gst_dnn_filter_init(GstDnnFilter* self) {
    self->priv = new DnnFilterPrivate;
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_dnn_filter_class_init(GstDnnFilterClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    auto* base = GST_BASE_TRANSFORM_CLASS(klass);
    auto* filter = GST_VIDEO_FILTER_CLASS(klass);
    object->set_property = gst_dnn_filter_set_property;
    object->get_property = gst_dnn_filter_get_property;
    object->finalize = gst_dnn_filter_finalize;
    glue::installProperties(object, properties());
    glue::installStats(object, statsId(),
                       "Frames, those that show a new answer, and those that repeat one");
    gst_element_class_set_static_metadata(
        element, "Neural picture filter", "Filter/Effect/Video",
        "Sends pictures through a network that makes a picture of a picture", PACKAGE_ORIGIN);
    const glue::Ref<GstCaps> formats(gst_caps_from_string(
        GST_VIDEO_CAPS_MAKE("{ I420, NV12, BGR, RGB, BGRx, RGBx, BGRA, RGBA }")));
    for (const auto& [name, direction] : {std::pair("sink", GST_PAD_SINK), {"src", GST_PAD_SRC}})
        gst_element_class_add_pad_template(
            element, gst_pad_template_new(name, direction, GST_PAD_ALWAYS, formats.get()));
    base->start = gst_dnn_filter_start;
    base->stop = gst_dnn_filter_stop;
    base->sink_event = gst_dnn_filter_sink_event;
    filter->set_info = gst_dnn_filter_set_info;
    filter->transform_frame_ip = gst_dnn_filter_transform_frame_ip;
}
