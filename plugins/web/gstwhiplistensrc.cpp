/**
 * SECTION:element-whiplistensrc
 * @title: whiplistensrc
 *
 * A browser, a phone or OBS as the camera. A small HTTP server in the element serves a page with a
 * button that shares the visitor's camera, and a WHIP endpoint (RFC 9725) at /NAME/whip for any
 * other publisher. One publishes at a time; a second is told so. VP8, VP9 or H.264 comes out of
 * `video_0`, Opus out of `audio_0`, encoded, ready for `decodebin` or `whepsink`.
 *
 * The pads appear when the first publisher is connected. When it leaves or vanishes they stay, and
 * the next one goes on where it was, on the pipeline's own timeline; with `eos-on-leave` the stream
 * ends instead. The element message "whiplistensrc-publisher" tells both, "whiplistensrc-ready"
 * the addresses. A key frame that is asked for downstream is asked of the publisher.
 *
 * Browsers give their camera to pages of localhost or of HTTPS only.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 whiplistensrc port=8080 ! decodebin ! videoconvert ! autovideosink
 * ]| Open http://127.0.0.1:8080/ and press the button.
 * |[
 * gst-launch-1.0 whiplistensrc port=8080 path=phone ! whepsink port=8080 path=watch
 * ]| What is shared at /phone/ is seen at /watch/, and nothing is decoded or encoded here.
 */
#include "web/gstwhiplistensrc.hpp"

#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "web/gstaccess.hpp"
#include "web/gstintake.hpp"

GST_DEBUG_CATEGORY(whiplistensrc_debug);
#define GST_CAT_DEFAULT whiplistensrc_debug

namespace {

using web::WhipSettings;

struct WhipListenSrcPrivate {
    WhipSettings settings;
    /// Holds the next while it is asked from an application's thread. Held while waiting for the
    /// intake's loop, so never taken in there.
    std::mutex mutex;
    std::unique_ptr<web::GstIntake> intake; ///< between READY and NULL
};

const glue::PropertyTable<WhipSettings>& properties() {
    using S = WhipSettings;
    static const glue::PropertyTable<S> table = {
        glue::text("address",
                   "IP address to listen on: 127.0.0.1 is this machine alone, 0.0.0.0 every "
                   "network it is in",
                   &S::address),
        glue::text("path",
                   "Name of the stream in addresses: \"phone\" puts the page at /phone/ and the "
                   "WHIP endpoint at /phone/whip; without one they are at / and /whip",
                   &S::path),
        glue::text("codecs",
                   "Video codecs that are taken, the best first: a list of VP8, VP9 and H264",
                   &S::codecs),
        glue::text("stun-server",
                   "STUN server (stun://host:port) for publishers that come in from outside of "
                   "the network",
                   &S::stunServer),
        glue::secret("turn-server",
                     "TURN servers (turn://name:password@host:port?transport=udp, separated by "
                     "commas) for publishers whose network lets nothing else through; who may "
                     "publish is told the password",
                     &S::turnServer),
        glue::toggle("ice-tcp", "Also offer TCP to publishers whose network blocks UDP",
                     &S::iceTcp),
        glue::number("min-rtp-port", "Lowest UDP and TCP port for media (0 = any)", &S::minRtpPort,
                     0, 65535),
        glue::number("max-rtp-port", "Highest UDP and TCP port for media", &S::maxRtpPort, 0,
                     65535),
        glue::number("latency",
                     "Milliseconds that late and lost packets are waited for, which is what the "
                     "picture is late",
                     &S::latency, 0, 10000),
        glue::duration("connect-timeout", "Seconds that a publisher has to connect after its offer",
                       &S::connectTimeout, std::chrono::seconds(1), std::chrono::seconds(300)),
        glue::duration("silence-timeout",
                       "Seconds without a packet after which a publisher is taken for gone (0 = "
                       "never)",
                       &S::silenceTimeout, std::chrono::seconds(0), std::chrono::seconds(3600)),
        glue::duration("key-interval",
                       "Least number of milliseconds between two key frames asked of the publisher",
                       &S::keyInterval, std::chrono::milliseconds(0),
                       std::chrono::milliseconds(60000)),
        glue::toggle("eos-on-leave",
                     "End the stream when its publisher leaves or vanishes, instead of waiting "
                     "for the next",
                     &S::eosOnLeave),
    };
    static const glue::PropertyTable<S> all = [] {
        glue::PropertyTable<S> rows = web::accessProperties(&S::access);
        rows.insert(rows.begin(), table.begin(), table.end());
        return rows;
    }();
    return all;
}

/// The properties that are not a plain field of the settings.
guint portId() { return static_cast<guint>(properties().size()) + 1; }
guint urlId() { return portId() + 1; }
guint statsId() { return portId() + 2; }

GstStaticPadTemplate videoTemplate =
    GST_STATIC_PAD_TEMPLATE("video_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
                            GST_STATIC_CAPS("video/x-vp8; video/x-vp9; video/x-h264, "
                                            "stream-format = (string) byte-stream, "
                                            "alignment = (string) au"));
GstStaticPadTemplate audioTemplate = GST_STATIC_PAD_TEMPLATE(
    "audio_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS("audio/x-opus"));

} // namespace

struct _GstWhipListenSrc {
    GstBin parent;
    WhipListenSrcPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstWhipListenSrc, gst_whip_listen_src, GST_TYPE_BIN,
                        GST_DEBUG_CATEGORY_INIT(whiplistensrc_debug, "whiplistensrc", 0,
                                                "browsers publish over WebRTC"))
GST_ELEMENT_REGISTER_DEFINE(whiplistensrc, "whiplistensrc", GST_RANK_NONE, GST_TYPE_WHIP_LISTEN_SRC)

/// What `ask` makes of the intake, or `otherwise` when it does not listen.
template <class Ask, class Result>
static Result asked(WhipListenSrcPrivate* priv, Result otherwise, Ask ask) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    return priv->intake ? ask(*priv->intake) : otherwise;
}

static void gst_whip_listen_src_set_property(GObject* object, guint id, const GValue* value,
                                             GParamSpec* spec) {
    WhipListenSrcPrivate* priv = GST_WHIP_LISTEN_SRC(object)->priv;
    if (id == portId()) {
        const glue::ObjectLock lock(object);
        priv->settings.port = g_value_get_uint(value);
    } else if (!glue::setProperty(object, properties(), priv->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void gst_whip_listen_src_get_property(GObject* object, guint id, GValue* value,
                                             GParamSpec* spec) {
    WhipListenSrcPrivate* priv = GST_WHIP_LISTEN_SRC(object)->priv;
    using web::GstIntake;
    if (id == statsId()) {
        GstStructure* stats = asked(priv, static_cast<GstStructure*>(nullptr),
                                    [](GstIntake& intake) { return intake.stats(); });
        g_value_take_boxed(
            value, stats ? stats : gst_structure_new_empty("application/x-whiplistensrc-stats"));
    } else if (id == portId()) {
        g_value_set_uint(value, asked(priv, priv->settings.port,
                                      [](GstIntake& intake) { return intake.port(); }));
    } else if (id == urlId()) {
        const std::string url =
            asked(priv, std::string(), [](GstIntake& intake) { return intake.url(); });
        g_value_set_string(value, url.empty() ? nullptr : url.c_str());
    } else if (!glue::getProperty(object, properties(), priv->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void warnIfOpen(GstWhipListenSrc* self, const web::Site& site) {
    if (site.isOpenToAll())
        GST_ELEMENT_WARNING(self, RESOURCE, OPEN_READ_WRITE,
                            ("Everybody in the network can publish at %s: set auth, or address to "
                             "127.0.0.1 for this machine alone.",
                             site.origin().c_str()),
                            (nullptr));
}

static bool open(GstWhipListenSrc* self) {
    return glue::guard(self, false, [&] {
        WhipSettings settings;
        {
            const glue::ObjectLock lock(self);
            settings = self->priv->settings;
        }
        auto intake = std::make_unique<web::GstIntake>(GST_ELEMENT(self), settings);
        const std::string url = intake->url();
        warnIfOpen(self, intake->site());
        GST_INFO_OBJECT(self, "listening at %s", url.c_str());
        {
            const std::lock_guard<std::mutex> lock(self->priv->mutex);
            self->priv->intake = std::move(intake);
        }
        GstStructure* ready =
            gst_structure_new("whiplistensrc-ready", "url", G_TYPE_STRING, url.c_str(), "whip",
                              G_TYPE_STRING, (url + "whip").c_str(), nullptr);
        gst_element_post_message(GST_ELEMENT(self),
                                 gst_message_new_element(GST_OBJECT(self), ready));
        return true;
    });
}

static void close(GstWhipListenSrc* self) {
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    self->priv->intake.reset();
}

static GstStateChangeReturn gst_whip_listen_src_change_state(GstElement* element,
                                                             GstStateChange transition) {
    auto* self = GST_WHIP_LISTEN_SRC(element);
    WhipListenSrcPrivate* priv = self->priv;
    if (transition == GST_STATE_CHANGE_NULL_TO_READY && !open(self))
        return GST_STATE_CHANGE_FAILURE;
    if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED && priv->intake)
        priv->intake->close();
    GstStateChangeReturn result =
        GST_ELEMENT_CLASS(gst_whip_listen_src_parent_class)->change_state(element, transition);
    const bool failed = result == GST_STATE_CHANGE_FAILURE;
    if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING && !failed)
        priv->intake->open();
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY && priv->intake)
        priv->intake->removePads();
    if (transition == GST_STATE_CHANGE_READY_TO_NULL ||
        (failed && transition == GST_STATE_CHANGE_NULL_TO_READY))
        close(self);
    // It is live, also before there is a pad.
    if (!failed && (transition == GST_STATE_CHANGE_READY_TO_PAUSED ||
                    transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED))
        result = GST_STATE_CHANGE_NO_PREROLL;
    return result;
}

static void gst_whip_listen_src_finalize(GObject* object) {
    delete GST_WHIP_LISTEN_SRC(object)->priv;
    G_OBJECT_CLASS(gst_whip_listen_src_parent_class)->finalize(object);
}

static void gst_whip_listen_src_init(GstWhipListenSrc* self) {
    self->priv = new WhipListenSrcPrivate;
    GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
    gst_bin_set_suppressed_flags(
        GST_BIN(self),
        static_cast<GstElementFlags>(GST_ELEMENT_FLAG_SINK | GST_ELEMENT_FLAG_SOURCE));
}

static void gst_whip_listen_src_class_init(GstWhipListenSrcClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_whip_listen_src_set_property;
    object->get_property = gst_whip_listen_src_get_property;
    object->finalize = gst_whip_listen_src_finalize;
    glue::installProperties(object, properties());
    const auto flags = static_cast<GParamFlags>(G_PARAM_STATIC_STRINGS | G_PARAM_READABLE);
    g_object_class_install_property(
        object, portId(),
        g_param_spec_uint(
            "port", "port",
            "TCP port to listen on; 0 takes any free one, and reading the property "
            "while it runs tells which",
            0, 65535, WhipSettings{}.port,
            static_cast<GParamFlags>(flags | G_PARAM_WRITABLE | GST_PARAM_MUTABLE_READY)));
    g_object_class_install_property(
        object, urlId(),
        g_param_spec_string("url", "url",
                            "Address of the page that shares a camera, while it is "
                            "served",
                            nullptr, flags));
    g_object_class_install_property(
        object, statsId(),
        g_param_spec_boxed("stats", "stats",
                           "Whether somebody publishes, how many have, offers refused, frames and "
                           "bytes that came, frames dropped",
                           GST_TYPE_STRUCTURE, flags));
    element->change_state = gst_whip_listen_src_change_state;
    gst_element_class_add_static_pad_template(element, &videoTemplate);
    gst_element_class_add_static_pad_template(element, &audioTemplate);
    gst_element_class_set_static_metadata(
        element, "WHIP listening source", "Source/Network/WebRTC",
        "Lets a browser, a phone or OBS publish its camera over WebRTC, with a page that does it",
        "Video Stream");
}
