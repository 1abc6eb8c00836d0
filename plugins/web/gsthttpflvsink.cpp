/**
 * SECTION:element-httpflvsink
 * @title: httpflvsink
 *
 * Serves an FLV stream over HTTP (HTTP-FLV) at /NAME/flv, to pages with mpegts.js or flv.js,
 * ffmpeg, VLC and whatever else takes it, with about a second of delay and no segments. Who comes
 * gets the newest key frame at once, and a clock that begins near zero, however long the stream
 * has been going on. A client that is too slow is moved on to the next key frame, without a gap in
 * its clock; nobody waits for it.
 *
 * What comes in is FLV as `flvmux streamable=true` makes it, or as `rtmp2src` brings it.
 *
 * Sinks of one process that name the same address and port share one server, so a `whepsink` may
 * serve the same stream beside it. When it listens it posts an element message "httpflvsink-ready"
 * with the address of the stream in the field "url".
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! h264parse ! \
 * flvmux streamable=true ! httpflvsink port=8080 path=test
 * ]| Play http://127.0.0.1:8080/test/flv with ffplay, VLC or a page with mpegts.js.
 */
#include "web/gsthttpflvsink.hpp"

#include "glue/guard.hpp"
#include "glue/serving.hpp"
#include "web/flvserver.hpp"
#include "web/gstaccess.hpp"

#include <mutex>

GST_DEBUG_CATEGORY_STATIC(httpflvsink_debug);
#define GST_CAT_DEFAULT httpflvsink_debug

namespace {

using web::FlvSettings;

struct HttpFlvSinkPrivate {
    FlvSettings settings;
    /// Holds `server` while it is asked from an application's thread; the streaming thread has it
    /// for as long as it runs.
    std::mutex mutex;
    std::unique_ptr<web::FlvServer> server; ///< between READY and NULL
    glue::Listening listening;
};

const glue::PropertyTable<FlvSettings>& properties() {
    using S = FlvSettings;
    static const auto table = glue::joined<S>(
        {
            glue::listenAddress<S>(),
            glue::text("path",
                       "Name of the stream in addresses: \"yard\" is played at /yard/flv; without "
                       "one it is at /flv",
                       &S::path),
            glue::number("max-clients", "How many may watch at the same time", &S::maxClients, 1,
                         10000),
            glue::number("max-lag",
                         "Milliseconds that a client may be behind before it is moved on to a key "
                         "frame, when there is one",
                         &S::maxLagMilliseconds, 100, 600000),
            glue::number("max-bytes",
                         "Most memory for what clients have not taken; the oldest goes at more",
                         &S::maxBytes, 1 << 20, G_MAXUINT64 / 2),
        },
        web::accessProperties(&S::access));
    return table;
}

struct Mapped {
    explicit Mapped(GstBuffer* of) : buffer(of) {
        if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
            throw base::Error(base::ErrorKind::BadData, "A piece of FLV could not be read.");
    }
    ~Mapped() { gst_buffer_unmap(buffer, &map); }
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;

    GstBuffer* const buffer;
    GstMapInfo map{};
};

GstStaticPadTemplate sinkTemplate =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-flv"));

} // namespace

struct _GstHttpFlvSink {
    GstBaseSink parent;
    HttpFlvSinkPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstHttpFlvSink, gst_http_flv_sink, GST_TYPE_BASE_SINK,
                        GST_DEBUG_CATEGORY_INIT(httpflvsink_debug, "httpflvsink", 0,
                                                "FLV over HTTP"))
GST_ELEMENT_REGISTER_DEFINE(httpflvsink, "httpflvsink", GST_RANK_NONE, GST_TYPE_HTTP_FLV_SINK)

static GstStructure* statsOf(HttpFlvSinkPrivate* priv) {
    web::FlvServer::Counters c;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        if (priv->server)
            c = priv->server->counters();
    }
    const auto number = [](std::uint64_t value) { return static_cast<guint64>(value); };
    return gst_structure_new("application/x-httpflvsink-stats", "clients", G_TYPE_UINT, c.clients,
                             "served", G_TYPE_UINT64, number(c.served), "frames", G_TYPE_UINT64,
                             number(c.frames), "bytes", G_TYPE_UINT64, number(c.bytes), "moved",
                             G_TYPE_UINT64, number(c.moved), "drops", G_TYPE_UINT64,
                             number(c.drops), "held", G_TYPE_UINT64, number(c.held), nullptr);
}

static void gst_http_flv_sink_set_property(GObject* object, guint id, const GValue* value,
                                           GParamSpec* spec) {
    glue::setServing(object, properties(), GST_HTTP_FLV_SINK(object)->priv->settings, id, value,
                     spec);
}

static void gst_http_flv_sink_get_property(GObject* object, guint id, GValue* value,
                                           GParamSpec* spec) {
    HttpFlvSinkPrivate* priv = GST_HTTP_FLV_SINK(object)->priv;
    glue::getServing(object, properties(), priv->settings, priv->listening, id, value, spec,
                     [&] { return statsOf(priv); });
}

static bool open(GstHttpFlvSink* self) {
    return glue::guard(self, false, [&] {
        HttpFlvSinkPrivate* priv = self->priv;
        auto server = std::make_unique<web::FlvServer>(glue::settingsOf(self, priv->settings));
        const unsigned port = server->port();
        const std::string url = server->url() + "flv";
        web::warnIfOpen(GST_ELEMENT(self), server->site());
        {
            const std::lock_guard<std::mutex> lock(priv->mutex);
            priv->server = std::move(server);
        }
        GST_INFO_OBJECT(self, "serving at %s", url.c_str());
        glue::startedListening(GST_ELEMENT(self), priv->listening, {port, url},
                               "httpflvsink-ready");
        return true;
    });
}

static void close(GstHttpFlvSink* self) {
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        self->priv->server.reset();
    }
    glue::stoppedListening(GST_ELEMENT(self), self->priv->listening);
}

static GstStateChangeReturn gst_http_flv_sink_change_state(GstElement* element,
                                                           GstStateChange transition) {
    auto* self = GST_HTTP_FLV_SINK(element);
    return glue::changeServing(
        gst_http_flv_sink_parent_class, element, transition, [=] { return open(self); },
        [=] { self->priv->server->forget(); }, [=] { close(self); });
}

static GstFlowReturn gst_http_flv_sink_render(GstBaseSink* sink, GstBuffer* buffer) {
    return glue::guard(sink, GST_FLOW_ERROR, [&] {
        const Mapped mapped(buffer);
        GST_HTTP_FLV_SINK(sink)->priv->server->take(mapped.map.data, mapped.map.size);
        return GST_FLOW_OK;
    });
}

static gboolean gst_http_flv_sink_event(GstBaseSink* sink, GstEvent* event) {
    web::FlvServer& server = *GST_HTTP_FLV_SINK(sink)->priv->server;
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS)
        server.end();
    else if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP)
        server.forget();
    return GST_BASE_SINK_CLASS(gst_http_flv_sink_parent_class)->event(sink, event);
}

static void gst_http_flv_sink_finalize(GObject* object) {
    delete GST_HTTP_FLV_SINK(object)->priv;
    G_OBJECT_CLASS(gst_http_flv_sink_parent_class)->finalize(object);
}

static void gst_http_flv_sink_init(GstHttpFlvSink* self) {
    self->priv = new HttpFlvSinkPrivate;
    // There is nothing to preroll for, and a branch that brings no sound must not hold the rest.
    gst_base_sink_set_async_enabled(GST_BASE_SINK(self), FALSE);
}

static void gst_http_flv_sink_class_init(GstHttpFlvSinkClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_http_flv_sink_set_property;
    object->get_property = gst_http_flv_sink_get_property;
    object->finalize = gst_http_flv_sink_finalize;
    glue::installServing(object, properties(), "Address of the stream, while it is served",
                         "Clients, frames taken, bytes sent and held, and how often a client was "
                         "too slow and what it missed");
    element->change_state = gst_http_flv_sink_change_state;
    GST_BASE_SINK_CLASS(klass)->render = gst_http_flv_sink_render;
    GST_BASE_SINK_CLASS(klass)->event = gst_http_flv_sink_event;
    gst_element_class_add_static_pad_template(element, &sinkTemplate);
    gst_element_class_set_static_metadata(
        element, "HTTP-FLV sink", "Sink/Network",
        "Serves an FLV stream over HTTP to any number of clients, each from a key frame on",
        "Video Stream");
}
