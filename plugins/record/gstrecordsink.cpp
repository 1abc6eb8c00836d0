/**
 * SECTION:element-recordsink
 * @title: recordsink
 * @short_description: records picture and sound in files, one after the other
 *
 * Writes what comes in, as it is, into Matroska or MP4 files of max-size-time, from key frame to
 * key frame. A recording begins when every stream that was asked for has come, or with those that
 * have after wait-for-streams; a stream that comes later begins a new file. So does a camera
 * that was lost, and one that comes back in another format. What is written can be played whether
 * or not the file was ended, and no file that is there is written over.
 *
 * A live source is never held up: where the disk does not keep up with it, the oldest that waits
 * is dropped and counted. Element messages "recordsink-opened" and "recordsink-closed" tell of
 * each file in their field "location".
 *
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! h264parse ! \
 * recordsink name=file location=/tmp/test-%05d.mkv max-size-time=10000000000 \
 * audiotestsrc is-live=true ! alawenc ! file.audio_0
 * ]| Records picture and sound in files of 10 seconds until Ctrl-C.
 */
#include "gstrecordsink.hpp"

#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "glue/requestpads.hpp"
#include "gstrecordinput.hpp"

#include <cstring>

GST_DEBUG_CATEGORY_STATIC(recordsink_debug);
#define GST_CAT_DEFAULT recordsink_debug

namespace {

using record::Container;
using record::Recorder;
using record::RecordInput;
using record::RecordSettings;

struct RecordSinkPrivate {
    RecordSettings settings;
    std::mutex mutex; ///< for all below
    std::vector<std::shared_ptr<RecordInput>> inputs;
    std::shared_ptr<Recorder> recorder; ///< between PAUSED and READY
    bool playing = false, ended = false;
    std::atomic<unsigned> padCount{0};
};

GType containerType() {
    static const GEnumValue values[] = {
        {static_cast<int>(Container::Matroska), "Matroska, for every codec that cameras have",
         "matroska"},
        {static_cast<int>(Container::Mp4), "MP4 in fragments of a second, for every player", "mp4"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstRecordSinkContainer", values);
}

const glue::PropertyTable<RecordSettings>& properties() {
    using S = RecordSettings;
    using std::chrono::milliseconds;
    static const glue::PropertyTable<S> table = {
        glue::text("location",
                   "Name of the files, with %d or %05d where their number goes; numbers whose file "
                   "is there already are left out",
                   &S::location),
        glue::choice("container", "What the files are", &S::container, containerType()),
        glue::number("max-size-time",
                     "Nanoseconds after which the next file begins, with the first key frame (0 = "
                     "one file for all)",
                     &S::maxSizeTime, 0, G_MAXINT64),
        glue::number("max-files",
                     "How many files of one start are kept, the oldest making room (0 = all)",
                     &S::maxFiles, 0u, G_MAXUINT),
        glue::duration("wait-for-streams",
                       "Milliseconds of media for which the streams that have come wait for those "
                       "that have not",
                       &S::waitForStreams, milliseconds(0), milliseconds(60000)),
        glue::number("max-bytes",
                     "Most memory for what waits for the disk; with more, a live source loses the "
                     "oldest",
                     &S::maxBytes, 1 << 20, G_MAXUINT64 / 2),
        glue::duration("end-timeout",
                       "Milliseconds that a file has to be finished when the element stops",
                       &S::endTimeout, milliseconds(0), milliseconds(600000)),
    };
    return table;
}

guint statsId() { return static_cast<guint>(properties().size()) + 1; }

GstStaticPadTemplate videoTemplate = GST_STATIC_PAD_TEMPLATE(
    "video", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS("video/x-h264, stream-format = (string) avc, alignment = (string) au; "
                    "video/x-h265, stream-format = (string) hvc1, alignment = (string) au; "
                    "video/x-vp8; video/x-vp9; video/x-av1, stream-format = (string) obu-stream, "
                    "alignment = (string) tu; image/jpeg"));
GstStaticPadTemplate audioTemplate = GST_STATIC_PAD_TEMPLATE(
    "audio_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS("audio/mpeg, mpegversion = (int) 4, stream-format = (string) raw; "
                    "audio/mpeg, mpegversion = (int) 1; audio/x-opus; audio/x-alaw; "
                    "audio/x-mulaw; audio/x-raw, layout = (string) interleaved"));

} // namespace

struct _GstRecordSink {
    GstElement parent;
    RecordSinkPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstRecordSink, gst_record_sink, GST_TYPE_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(recordsink_debug, "recordsink", 0,
                                                "recordings in files"))
GST_ELEMENT_REGISTER_DEFINE(recordsink, "recordsink", GST_RANK_NONE, GST_TYPE_RECORD_SINK)

static std::shared_ptr<Recorder> recorderOf(GstRecordSink* self) {
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    return self->priv->recorder;
}

static GstStructure* statsOf(GstRecordSink* self) {
    const auto recorder = recorderOf(self);
    const Recorder::Counters counters = recorder ? recorder->counters() : Recorder::Counters{};
    return gst_structure_new("application/x-recordsink-stats", "files", G_TYPE_UINT64,
                             counters.files, "frames", G_TYPE_UINT64, counters.frames, "bytes",
                             G_TYPE_UINT64, counters.bytes, "dropped", G_TYPE_UINT64,
                             counters.dropped, "left", G_TYPE_UINT64, counters.left, nullptr);
}

static void gst_record_sink_set_property(GObject* object, guint id, const GValue* value,
                                         GParamSpec* spec) {
    if (!glue::setProperty(object, properties(), GST_RECORD_SINK(object)->priv->settings, id,
                           value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_record_sink_get_property(GObject* object, guint id, GValue* value,
                                         GParamSpec* spec) {
    if (id == statsId())
        g_value_take_boxed(value, statsOf(GST_RECORD_SINK(object)));
    else if (!glue::getProperty(object, properties(), GST_RECORD_SINK(object)->priv->settings, id,
                                value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/// A sink says so once, and again when it plays again.
static void tellEnd(GstRecordSink* self) {
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        if (!self->priv->playing || !self->priv->ended)
            return;
    }
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_eos(GST_OBJECT(self)));
}

static void setPlaying(GstRecordSink* self, bool playing) {
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        self->priv->playing = playing;
    }
    tellEnd(self);
}

static void ended(GstRecordSink* self) {
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        self->priv->ended = true;
    }
    tellEnd(self);
}

static void askForKeyFrame(GstRecordSink* self, std::size_t stream) {
    std::vector<std::shared_ptr<RecordInput>> inputs;
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        inputs = self->priv->inputs;
    }
    for (const auto& input : inputs)
        input->askForKeyFrame(stream);
}

static bool open(GstRecordSink* self) {
    return glue::guard(self, false, [&] {
        RecordSinkPrivate* priv = self->priv;
        auto recorder = std::make_shared<Recorder>(
            GST_ELEMENT(self), glue::settingsOf(self, priv->settings),
            [self](std::size_t stream) { askForKeyFrame(self, stream); }, [self] { ended(self); });
        const std::lock_guard<std::mutex> lock(priv->mutex);
        for (const auto& input : priv->inputs)
            input->attach(recorder);
        priv->recorder = std::move(recorder);
        priv->ended = false;
        return true;
    });
}

static void stopWaiting(GstRecordSink* self) {
    if (const auto recorder = recorderOf(self))
        recorder->stopWaiting();
}

static void close(GstRecordSink* self) {
    std::shared_ptr<Recorder> recorder;
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        for (const auto& input : self->priv->inputs)
            input->detach();
        recorder = std::move(self->priv->recorder);
        self->priv->recorder.reset();
    }
    recorder.reset(); // without the lock: it finishes its file
}

static GstStateChangeReturn gst_record_sink_change_state(GstElement* element,
                                                         GstStateChange transition) {
    auto* self = GST_RECORD_SINK(element);
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !open(self))
        return GST_STATE_CHANGE_FAILURE;
    if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
        setPlaying(self, false);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
        stopWaiting(self);
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(gst_record_sink_parent_class)->change_state(element, transition);
    const bool failed = result == GST_STATE_CHANGE_FAILURE;
    if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING && !failed)
        setPlaying(self, true);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY ||
        (failed && transition == GST_STATE_CHANGE_READY_TO_PAUSED))
        close(self);
    return result;
}

static GstPad* gst_record_sink_request_new_pad(GstElement* element, GstPadTemplate* templ,
                                               const gchar* requested, const GstCaps*) {
    RecordSinkPrivate* priv = GST_RECORD_SINK(element)->priv;
    const bool numbered = std::strchr(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), '%') != nullptr;
    const std::string name =
        numbered ? glue::padName(element, templ, requested, priv->padCount) : "video";
    if (const glue::Ref<GstPad> taken{gst_element_get_static_pad(element, name.c_str())})
        return nullptr;
    auto input = std::make_shared<RecordInput>(element, templ, name.c_str());
    if (!glue::addInput(element, *input))
        return nullptr;
    const std::lock_guard<std::mutex> lock(priv->mutex);
    priv->inputs.push_back(input);
    if (priv->recorder)
        input->attach(priv->recorder);
    return input->pad();
}

static void gst_record_sink_release_pad(GstElement* element, GstPad* pad) {
    RecordSinkPrivate* priv = GST_RECORD_SINK(element)->priv;
    std::shared_ptr<RecordInput> input;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        input = glue::takeInput(priv->inputs, pad);
    }
    if (input)
        glue::removeInput(element, *input);
}

static void gst_record_sink_finalize(GObject* object) {
    delete GST_RECORD_SINK(object)->priv;
    G_OBJECT_CLASS(gst_record_sink_parent_class)->finalize(object);
}

static void gst_record_sink_init(GstRecordSink* self) {
    self->priv = new RecordSinkPrivate;
    GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SINK);
}

static void gst_record_sink_class_init(GstRecordSinkClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_record_sink_set_property;
    object->get_property = gst_record_sink_get_property;
    object->finalize = gst_record_sink_finalize;
    glue::installProperties(object, properties());
    glue::installStats(object, statsId(),
                       "Files and frames written, frames dropped because the disk did not keep up, "
                       "and frames left out because no file could begin with them");
    element->change_state = gst_record_sink_change_state;
    element->request_new_pad = gst_record_sink_request_new_pad;
    element->release_pad = gst_record_sink_release_pad;
    gst_element_class_add_static_pad_template(element, &videoTemplate);
    gst_element_class_add_static_pad_template(element, &audioTemplate);
    gst_type_mark_as_plugin_api(containerType(), static_cast<GstPluginAPIFlags>(0));
    gst_element_class_set_static_metadata(
        element, "Recording sink", "Sink/File",
        "Records picture and sound in files, one after the other, that survive a power cut",
        "Video Stream");
}
