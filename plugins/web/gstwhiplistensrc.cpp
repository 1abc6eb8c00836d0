/**
 * SECTION:element-whiplistensrc
 * @title: whiplistensrc
 *
 * A browser, a phone or another WHIP publisher as the camera. A small HTTP server in the element
 * serves a page with a button that shares the visitor's camera, and a WHIP endpoint (RFC 9725) at
 * /NAME/whip for any other publisher. One publishes at a time; a second is told so. VP8, VP9 or
 * H.264 comes out of `video_0`, Opus out of `audio_0`, encoded, ready for `decodebin` or
 * `whepsink`.
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
#include "glue/requestpads.hpp"
#include "web/gstintake.hpp"
#include "web/gstrtcproperties.hpp"

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
    glue::Listening listening;
};

const glue::PropertyTable<WhipSettings>& properties() {
    using S = WhipSettings;
    static const auto table = glue::joined<S>(
        {
            glue::text<S>(
                "path",
                "Name of the stream in addresses: \"phone\" puts the page at /phone/ and the WHIP "
                "endpoint at /phone/whip; without one they are at / and /whip",
                &S::path),
            glue::text("codecs",
                       "Video codecs that are taken, the best first: a list of VP8, VP9 and H264",
                       &S::codecs),
            glue::number("latency",
                         "Milliseconds that late and lost packets are waited for, which is what "
                         "the picture is late",
                         &S::latency, 0, 10000),
            glue::toggle("eos-on-leave",
                         "End the stream when its publisher leaves or vanishes, instead of waiting "
                         "for the next",
                         &S::eosOnLeave),
        },
        web::rtcProperties<S>());
    return table;
}

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

static GstStructure* statsOf(WhipListenSrcPrivate* priv) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    return priv->intake ? priv->intake->stats()
                        : gst_structure_new_empty("application/x-whiplistensrc-stats");
}

static void gst_whip_listen_src_set_property(GObject* object, guint id, const GValue* value,
                                             GParamSpec* spec) {
    glue::setServing(object, properties(), GST_WHIP_LISTEN_SRC(object)->priv->settings, id, value,
                     spec);
}

static void gst_whip_listen_src_get_property(GObject* object, guint id, GValue* value,
                                             GParamSpec* spec) {
    WhipListenSrcPrivate* priv = GST_WHIP_LISTEN_SRC(object)->priv;
    glue::getServing(object, properties(), priv->settings, priv->listening, id, value, spec,
                     [&] { return statsOf(priv); });
}

static bool open(GstWhipListenSrc* self) {
    return glue::guard(self, false, [&] {
        WhipListenSrcPrivate* priv = self->priv;
        auto intake = std::make_unique<web::GstIntake>(GST_ELEMENT(self),
                                                       glue::settingsOf(self, priv->settings));
        const unsigned port = intake->port();
        const std::string url = intake->url();
        web::warnIfOpen(GST_ELEMENT(self), intake->site(), "publish");
        GST_INFO_OBJECT(self, "listening at %s", url.c_str());
        {
            const std::lock_guard<std::mutex> lock(priv->mutex);
            priv->intake = std::move(intake);
        }
        glue::startedListening(GST_ELEMENT(self), priv->listening, {port, url},
                               "whiplistensrc-ready", {{"whip", url + "whip"}});
        return true;
    });
}

static void close(GstWhipListenSrc* self) {
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        self->priv->intake.reset();
    }
    glue::stoppedListening(GST_ELEMENT(self), self->priv->listening);
}

static GstStateChangeReturn gst_whip_listen_src_change_state(GstElement* element,
                                                             GstStateChange transition) {
    auto* self = GST_WHIP_LISTEN_SRC(element);
    WhipListenSrcPrivate* priv = self->priv;
    if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
        priv->intake->close();
    const GstStateChangeReturn result = glue::changeServing(
        gst_whip_listen_src_parent_class, element, transition, [=] { return open(self); },
        [=] { priv->intake->removePads(); }, [=] { close(self); });
    if (result == GST_STATE_CHANGE_FAILURE)
        return result;
    if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
        priv->intake->open();
    // It is live, also before there is a pad.
    const bool paused = transition == GST_STATE_CHANGE_READY_TO_PAUSED ||
                        transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
    return paused ? GST_STATE_CHANGE_NO_PREROLL : result;
}

static void gst_whip_listen_src_finalize(GObject* object) {
    delete GST_WHIP_LISTEN_SRC(object)->priv;
    G_OBJECT_CLASS(gst_whip_listen_src_parent_class)->finalize(object);
}

static void gst_whip_listen_src_init(GstWhipListenSrc* self) {
    self->priv = new WhipListenSrcPrivate;
    glue::makeEnd(GST_BIN(self), GST_ELEMENT_FLAG_SOURCE);
}

static void gst_whip_listen_src_class_init(GstWhipListenSrcClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_whip_listen_src_set_property;
    object->get_property = gst_whip_listen_src_get_property;
    object->finalize = gst_whip_listen_src_finalize;
    glue::installServing(object, properties(),
                         "Address of the page that shares a camera, while it is served",
                         "Whether somebody publishes, how many have, offers refused, frames and "
                         "bytes that came, frames dropped");
    element->change_state = gst_whip_listen_src_change_state;
    gst_element_class_add_static_pad_template(element, &videoTemplate);
    gst_element_class_add_static_pad_template(element, &audioTemplate);
    gst_element_class_set_static_metadata(element, "WHIP listening source", "Source/Network/WebRTC",
                                          "Lets a browser, a phone or a WHIP publisher send its "
                                          "camera over WebRTC, with a page for it",
                                          "Video Stream");
}
