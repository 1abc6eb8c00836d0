/**
 * SECTION:element-segmentsink
 * @title: segmentsink
 *
 * Serves encoded video and sound to players that take segments, live: HLS at /NAME/hls/index.m3u8
 * and MPEG-DASH at /NAME/dash/manifest.mpd, both of the same fragmented MP4 (CMAF), or HLS alone
 * of MPEG-TS for players that read nothing else (container=ts). With part-duration, HLS is of low
 * latency: players that know it are told of each piece of a segment at once. Any number of
 * video_%u inputs are qualities of one picture; encoders are asked for key frames where segments
 * are to begin. Only the newest segments are kept, in memory; players that are slow lose them, and
 * nobody waits for any.
 *
 * Sinks of one process that name the same address and port share one server, so a `whepsink` may
 * serve the same stream beside it. When it listens it posts an element message "segmentsink-ready"
 * with the address of the HLS playlist in the field "url".
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! h264parse ! \
 * segmentsink port=8080 path=test
 * ]| Play http://127.0.0.1:8080/test/hls/index.m3u8 in Safari, VLC or a page with hls.js, or
 * http://127.0.0.1:8080/test/dash/manifest.mpd with dash.js.
 */
#include "web/gstsegmentsink.hpp"

#include "glue/guard.hpp"
#include "glue/requestpads.hpp"
#include "glue/serving.hpp"
#include "web/gstaccess.hpp"
#include "web/gstsegmentinput.hpp"
#include "web/segmentserver.hpp"

#include <mutex>

GST_DEBUG_CATEGORY_STATIC(segmentsink_debug);
#define GST_CAT_DEFAULT segmentsink_debug

namespace {

using web::Container;
using web::Encryption;
using web::SegmentInput;
using web::SegmentSettings;

struct SegmentSinkPrivate {
    SegmentSettings settings;
    glue::Listening listening;
    std::mutex mutex; ///< for all below
    std::vector<std::shared_ptr<SegmentInput>> inputs;
    std::shared_ptr<web::SegmentStore> store;   ///< between READY and NULL
    std::unique_ptr<web::SegmentServer> server; ///< between READY and NULL
};

GType encryptionType() {
    static const GEnumValue values[] = {
        {static_cast<int>(Encryption::None), "Segments as they are", "none"},
        {static_cast<int>(Encryption::Aes128),
         "HLS segments under AES-128; their key is served to whom auth lets in, and DASH is not "
         "served",
         "aes-128"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstSegmentSinkEncryption", values);
}

GType containerType() {
    static const GEnumValue values[] = {
        {static_cast<int>(Container::FragmentedMp4), "Fragmented MP4, for HLS and DASH", "fmp4"},
        {static_cast<int>(Container::TransportStream),
         "MPEG-TS, for old players of HLS: H.264 and AAC only, and DASH is not served", "ts"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstSegmentSinkContainer", values);
}

const glue::PropertyTable<SegmentSettings>& properties() {
    using S = SegmentSettings;
    static const auto table = glue::joined<S>(
        {
            glue::listenAddress<S>(),
            glue::text("path",
                       "Name of the stream in addresses: \"yard\" is played at "
                       "/yard/hls/index.m3u8 and /yard/dash/manifest.mpd; without one these are "
                       "at the root",
                       &S::path),
            glue::number("segment-duration",
                         "Length of a segment in milliseconds; each begins with the first key "
                         "frame after it",
                         &S::segmentMilliseconds, 500, 60000),
            glue::number("part-duration",
                         "Length in milliseconds of the parts of segments that HLS of low latency "
                         "tells of at once; 0 makes none",
                         &S::partMilliseconds, 0, 5000),
            glue::number("playlist-length", "How many segments are listed; twice as many are kept",
                         &S::playlistLength, 3, 1000),
            glue::number("max-bytes",
                         "Most memory for segments; the oldest go before their time at more",
                         &S::maxBytes, 1 << 20, G_MAXUINT64 / 2),
            glue::choice("container", "What the segments are", &S::container, containerType()),
            glue::choice("encryption", "How the segments of HLS are encrypted", &S::encryption,
                         encryptionType()),
        },
        web::accessProperties(&S::access));
    return table;
}

GstStaticPadTemplate videoTemplate = GST_STATIC_PAD_TEMPLATE(
    "video_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS("video/x-h264, stream-format = (string) avc, alignment = (string) au; "
                    "video/x-vp9"));
GstStaticPadTemplate audioTemplate = GST_STATIC_PAD_TEMPLATE(
    "audio_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS("audio/mpeg, mpegversion = (int) 4, stream-format = (string) raw; "
                    "audio/x-opus, channel-mapping-family = (int) 0"));

} // namespace

struct _GstSegmentSink {
    GstBin parent;
    SegmentSinkPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstSegmentSink, gst_segment_sink, GST_TYPE_BIN,
                        GST_DEBUG_CATEGORY_INIT(segmentsink_debug, "segmentsink", 0,
                                                "HLS and DASH over HTTP"))
GST_ELEMENT_REGISTER_DEFINE(segmentsink, "segmentsink", GST_RANK_NONE, GST_TYPE_SEGMENT_SINK)

static GstStructure* statsOf(SegmentSinkPrivate* priv) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    web::SegmentStore::Counters made;
    web::SegmentServer::Counters served;
    guint64 dropped = 0;
    if (priv->server) {
        made = priv->store->counters();
        served = priv->server->counters();
    }
    for (const auto& input : priv->inputs)
        dropped += input->dropped();
    const auto number = [](std::uint64_t value) { return static_cast<guint64>(value); };
    return gst_structure_new(
        "application/x-segmentsink-stats", "segments", G_TYPE_UINT64, number(made.segments),
        "frames", G_TYPE_UINT64, number(made.frames), "dropped-frames", G_TYPE_UINT64, dropped,
        "discarded", G_TYPE_UINT64, number(made.discarded), "bytes", G_TYPE_UINT64,
        number(made.bytes), "periods", G_TYPE_UINT, made.periods, "playlists", G_TYPE_UINT64,
        number(served.playlists), "served", G_TYPE_UINT64, number(served.segments), "parts-served",
        G_TYPE_UINT64, number(served.parts), "served-bytes", G_TYPE_UINT64, number(served.bytes),
        "gone", G_TYPE_UINT64, number(served.gone), nullptr);
}

static void gst_segment_sink_set_property(GObject* object, guint id, const GValue* value,
                                          GParamSpec* spec) {
    glue::setServing(object, properties(), GST_SEGMENT_SINK(object)->priv->settings, id, value,
                     spec);
}

static void gst_segment_sink_get_property(GObject* object, guint id, GValue* value,
                                          GParamSpec* spec) {
    SegmentSinkPrivate* priv = GST_SEGMENT_SINK(object)->priv;
    glue::getServing(object, properties(), priv->settings, priv->listening, id, value, spec,
                     [&] { return statsOf(priv); });
}

static void openInput(SegmentInput& input, SegmentSinkPrivate* priv,
                      const SegmentSettings& settings) {
    input.open(priv->store, std::chrono::milliseconds(settings.segmentMilliseconds),
               std::chrono::milliseconds(settings.partMilliseconds), settings.container);
}

static bool open(GstSegmentSink* self) {
    return glue::guard(self, false, [&] {
        SegmentSinkPrivate* priv = self->priv;
        const SegmentSettings settings = glue::settingsOf(self, priv->settings);
        auto store = std::make_shared<web::SegmentStore>(
            web::WindowSettings{settings.segmentMilliseconds, settings.playlistLength,
                                settings.maxBytes, settings.partMilliseconds});
        auto server = std::make_unique<web::SegmentServer>(settings, store);
        web::warnIfOpen(GST_ELEMENT(self), server->site());
        const unsigned port = server->port();
        const std::string url = server->url() + "hls/index.m3u8";
        {
            const std::lock_guard<std::mutex> lock(priv->mutex);
            priv->store = std::move(store);
            priv->server = std::move(server);
            for (const auto& input : priv->inputs)
                openInput(*input, priv, settings);
        }
        GST_INFO_OBJECT(self, "serving at %s", url.c_str());
        glue::startedListening(GST_ELEMENT(self), priv->listening, {port, url},
                               "segmentsink-ready");
        return true;
    });
}

static void close(GstSegmentSink* self) {
    std::unique_ptr<web::SegmentServer> server; // ends outside of the lock
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        server = std::move(self->priv->server);
        self->priv->store.reset();
    }
    glue::stoppedListening(GST_ELEMENT(self), self->priv->listening);
}

static void forgetStreams(GstSegmentSink* self) {
    std::vector<SegmentInput::Rest> rests;
    std::shared_ptr<web::SegmentStore> store;
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        for (const auto& input : self->priv->inputs)
            rests.push_back(input->close());
        store = self->priv->store;
    }
    rests.clear(); // without the lock: who hears of its errors may ask for "stats"
    if (store)
        store->forget();
}

static GstStateChangeReturn gst_segment_sink_change_state(GstElement* element,
                                                          GstStateChange transition) {
    auto* self = GST_SEGMENT_SINK(element);
    return glue::changeServing(
        gst_segment_sink_parent_class, element, transition, [=] { return open(self); },
        [=] { forgetStreams(self); }, [=] { close(self); });
}

static GstPad* gst_segment_sink_request_new_pad(GstElement* element, GstPadTemplate* templ,
                                                const gchar* requested, const GstCaps*) {
    auto* self = GST_SEGMENT_SINK(element);
    return glue::guard(self, static_cast<GstPad*>(nullptr), [&]() -> GstPad* {
        SegmentSinkPrivate* priv = self->priv;
        std::atomic<unsigned> first{0}; // of each kind: qualities are counted from there
        const std::string name = glue::padName(element, templ, requested, first);
        auto input = std::make_shared<SegmentInput>(GST_BIN(self), templ, name.c_str());
        if (!glue::addInput(element, *input))
            return nullptr;
        const std::lock_guard<std::mutex> lock(priv->mutex);
        priv->inputs.push_back(input);
        if (priv->store)
            openInput(*input, priv, priv->settings);
        return input->pad();
    });
}

static void gst_segment_sink_release_pad(GstElement* element, GstPad* pad) {
    SegmentSinkPrivate* priv = GST_SEGMENT_SINK(element)->priv;
    std::shared_ptr<SegmentInput> input;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        input = glue::takeInput(priv->inputs, pad);
    }
    if (input)
        glue::removeInput(element, *input);
}

static void gst_segment_sink_finalize(GObject* object) {
    delete GST_SEGMENT_SINK(object)->priv;
    G_OBJECT_CLASS(gst_segment_sink_parent_class)->finalize(object);
}

static void gst_segment_sink_init(GstSegmentSink* self) {
    self->priv = new SegmentSinkPrivate;
    glue::makeEnd(GST_BIN(self), GST_ELEMENT_FLAG_SINK);
}

static void gst_segment_sink_class_init(GstSegmentSinkClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_segment_sink_set_property;
    object->get_property = gst_segment_sink_get_property;
    object->finalize = gst_segment_sink_finalize;
    glue::installServing(object, properties(), "Address of the HLS playlist, while it is served",
                         "Segments made, held and served, frames that could not be used, periods "
                         "(1 + changes of format and gaps), and requests for segments that were "
                         "gone");
    element->change_state = gst_segment_sink_change_state;
    element->request_new_pad = gst_segment_sink_request_new_pad;
    element->release_pad = gst_segment_sink_release_pad;
    gst_element_class_add_static_pad_template(element, &videoTemplate);
    gst_element_class_add_static_pad_template(element, &audioTemplate);
    gst_type_mark_as_plugin_api(containerType(), static_cast<GstPluginAPIFlags>(0));
    gst_type_mark_as_plugin_api(encryptionType(), static_cast<GstPluginAPIFlags>(0));
    gst_element_class_set_static_metadata(
        element, "HLS and DASH sink", "Sink/Network",
        "Serves video and sound as live HLS and MPEG-DASH from the same segments in memory",
        "Video Stream");
}
