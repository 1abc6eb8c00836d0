/**
 * SECTION:element-mjpegsink
 * @title: mjpegsink
 *
 * Serves pictures to whatever can show a web address and no WebRTC: dashboards, doorbells, old
 * tablets, OpenCV, ffmpeg. /NAME/mjpeg moves (multipart/x-mixed-replace, as an <img> takes it),
 * /NAME/snapshot.jpg is the newest picture. A client that is slow sees fewer pictures and never an
 * old one; nobody waits for it.
 *
 * Sinks of one process that name the same address and port share one server, so a `whepsink` may
 * serve the same stream beside it. When it listens it posts an element message "mjpegsink-ready"
 * with the address of the moving picture in the field "url".
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=15/1 ! \
 * jpegenc ! mjpegsink port=8080
 * ]| Open http://127.0.0.1:8080/mjpeg in a browser, or
 * `cv2.VideoCapture("http://127.0.0.1:8080/mjpeg")`.
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! jpegenc ! mjpegsink port=8080 path=yard max-fps=5
 * ]| Five pictures a second, at /yard/mjpeg.
 */
#include "web/gstmjpegsink.hpp"

#include "glue/guard.hpp"
#include "glue/serving.hpp"
#include "web/gstaccess.hpp"
#include "web/mjpegserver.hpp"

GST_DEBUG_CATEGORY_STATIC(mjpegsink_debug);
#define GST_CAT_DEFAULT mjpegsink_debug

namespace {

using web::MjpegSettings;

struct MjpegSinkPrivate {
    MjpegSettings settings;
    /// Holds `server` while it is asked from an application's thread; the streaming thread has it
    /// for as long as it runs.
    std::mutex mutex;
    std::unique_ptr<web::MjpegServer> server; ///< between READY and NULL
    glue::Listening listening;
};

const glue::PropertyTable<MjpegSettings>& properties() {
    using S = MjpegSettings;
    static const auto table = glue::joined<S>(
        {
            glue::listenAddress<S>(),
            glue::text(
                "path",
                "Name of the stream in addresses: \"yard\" puts the picture at /yard/mjpeg and "
                "/yard/snapshot.jpg; without one they are at /mjpeg and /snapshot.jpg",
                &S::path),
            glue::number("max-clients", "How many may watch the moving picture at the same time",
                         &S::maxClients, 1, 10000),
            glue::number("max-fps", "Most pictures a second that are served (0 = as they come)",
                         &S::maxFps, 0, 1000),
        },
        web::accessProperties(&S::access));
    return table;
}

GstStaticPadTemplate sinkTemplate =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("image/jpeg"));

} // namespace

struct _GstMjpegSink {
    GstBaseSink parent;
    MjpegSinkPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstMjpegSink, gst_mjpeg_sink, GST_TYPE_BASE_SINK,
                        GST_DEBUG_CATEGORY_INIT(mjpegsink_debug, "mjpegsink", 0,
                                                "pictures over HTTP"))
GST_ELEMENT_REGISTER_DEFINE(mjpegsink, "mjpegsink", GST_RANK_NONE, GST_TYPE_MJPEG_SINK)

static GstStructure* statsOf(MjpegSinkPrivate* priv) {
    web::MjpegServer::Counters c;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        if (priv->server)
            c = priv->server->counters();
    }
    return gst_structure_new(
        "application/x-mjpegsink-stats", "clients", G_TYPE_UINT, c.clients, "served", G_TYPE_UINT64,
        static_cast<guint64>(c.served), "snapshots", G_TYPE_UINT64,
        static_cast<guint64>(c.snapshots), "frames", G_TYPE_UINT64, static_cast<guint64>(c.frames),
        "skipped", G_TYPE_UINT64, static_cast<guint64>(c.skipped), "damaged", G_TYPE_UINT64,
        static_cast<guint64>(c.damaged), "sent", G_TYPE_UINT64, static_cast<guint64>(c.sent),
        "bytes", G_TYPE_UINT64, static_cast<guint64>(c.bytes), "drops", G_TYPE_UINT64,
        static_cast<guint64>(c.drops), nullptr);
}

static void gst_mjpeg_sink_set_property(GObject* object, guint id, const GValue* value,
                                        GParamSpec* spec) {
    glue::setServing(object, properties(), GST_MJPEG_SINK(object)->priv->settings, id, value, spec);
}

static void gst_mjpeg_sink_get_property(GObject* object, guint id, GValue* value,
                                        GParamSpec* spec) {
    MjpegSinkPrivate* priv = GST_MJPEG_SINK(object)->priv;
    glue::getServing(object, properties(), priv->settings, priv->listening, id, value, spec,
                     [&] { return statsOf(priv); });
}

static bool open(GstMjpegSink* self) {
    return glue::guard(self, false, [&] {
        MjpegSinkPrivate* priv = self->priv;
        auto server = std::make_unique<web::MjpegServer>(glue::settingsOf(self, priv->settings));
        const unsigned port = server->port();
        const std::string url = server->url() + "mjpeg";
        web::warnIfOpen(GST_ELEMENT(self), server->site());
        {
            const std::lock_guard<std::mutex> lock(priv->mutex);
            priv->server = std::move(server);
        }
        GST_INFO_OBJECT(self, "serving at %s", url.c_str());
        glue::startedListening(GST_ELEMENT(self), priv->listening, {port, url}, "mjpegsink-ready");
        return true;
    });
}

static void close(GstMjpegSink* self) {
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        self->priv->server.reset();
    }
    glue::stoppedListening(GST_ELEMENT(self), self->priv->listening);
}

static GstStateChangeReturn gst_mjpeg_sink_change_state(GstElement* element,
                                                        GstStateChange transition) {
    auto* self = GST_MJPEG_SINK(element);
    return glue::changeServing(
        gst_mjpeg_sink_parent_class, element, transition, [=] { return open(self); },
        [=] { self->priv->server->forget(); }, [=] { close(self); });
}

static GstFlowReturn gst_mjpeg_sink_render(GstBaseSink* sink, GstBuffer* buffer) {
    return glue::guard(sink, GST_FLOW_ERROR, [&] {
        GstMapInfo map;
        if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
            throw base::Error(base::ErrorKind::BadData, "A picture could not be read.");
        GST_MJPEG_SINK(sink)->priv->server->show(map.data, map.size);
        gst_buffer_unmap(buffer, &map);
        return GST_FLOW_OK;
    });
}

static void gst_mjpeg_sink_finalize(GObject* object) {
    delete GST_MJPEG_SINK(object)->priv;
    G_OBJECT_CLASS(gst_mjpeg_sink_parent_class)->finalize(object);
}

static void gst_mjpeg_sink_init(GstMjpegSink* self) { self->priv = new MjpegSinkPrivate; }

static void gst_mjpeg_sink_class_init(GstMjpegSinkClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_mjpeg_sink_set_property;
    object->get_property = gst_mjpeg_sink_get_property;
    object->finalize = gst_mjpeg_sink_finalize;
    glue::installServing(object, properties(), "Address of the moving picture, while it is served",
                         "Clients, pictures shown, sent, left out for max-fps, and dropped for "
                         "clients that were too slow");
    element->change_state = gst_mjpeg_sink_change_state;
    GST_BASE_SINK_CLASS(klass)->render = gst_mjpeg_sink_render;
    gst_element_class_add_static_pad_template(element, &sinkTemplate);
    gst_element_class_set_static_metadata(
        element, "MJPEG sink", "Sink/Network",
        "Serves JPEG pictures over HTTP, moving and as snapshots, to any number of clients",
        "Video Stream");
}
