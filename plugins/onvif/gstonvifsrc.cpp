/**
 * SECTION:element-onvifsrc
 * @title: onvifsrc
 * @short_description: The live streams of an ONVIF camera
 *
 * Asks an ONVIF camera where its stream is and plays it with rtspsrc. Without a location it looks
 * for cameras on the network and takes the first; the others are named in an info message on the
 * bus. When the camera is known, an element message "onvif-device" tells manufacturer, model,
 * profile and picture size, and when its pictures begin to come, so does "onvif-playing".
 *
 * ## What the camera notices
 * With events=true, element messages "onvif-event" tell motion, tampering, digital inputs, crossed
 * lines and whatever else the camera has topics for: "kind" (a plain word, else the topic),
 * "topic", "active" (where it is or is not, as motion), "operation" (Initialized: how it was when
 * we began to listen; Changed; Deleted), "source" and "data" (structures of the camera's own
 * items), "utc-time" by the camera's clock and "running-time". It is off by default because
 * cameras serve few subscribers, some only one.
 *
 * ## Which stream
 * A camera has several media profiles, of which the property profile chooses one:
 *
 * - "main", or nothing: the largest picture; "sub": the largest that is smaller than main
 * - a token or a name, as "onvif-device" and onvif-tool tell them: that profile
 * - wishes, comma separated: the largest picture that has them all. There are
 *   codec=h264|h265|jpeg|mpeg4, min-width, max-width, min-height, max-height, min-fps, max-fps and
 *   audio=yes|no|g711|g726|aac|opus
 *
 * Where none fits, the error lists those that there are.
 *
 * ## Steering
 * Action signals reach the camera in every state, stream or not, and return at once. The last
 * argument of each is a #GstPromise, or %NULL: it is replied to with a structure "onvif-action"
 * that holds "action" and the result, or "error"; without a promise that is an element message.
 * A new move takes the place of one that has not begun.
 *
 * - ptz-move (pan, tilt, zoom, duration): goes on at -1..1 of the greatest speed for so many ms,
 *   or until ptz-stop where 0
 * - ptz-absolute (pan, tilt, zoom, speed): a position, -1..1 and zoom 0..1; ptz-relative: a
 *   distance, -1..1. NaN leaves an axis alone; speed 0..1, where 0 is the camera's own
 * - ptz-stop, ptz-home; ptz-status: "pan", "tilt", "zoom", "moving"
 * - ptz-presets: "presets", a list; ptz-goto-preset (name or token); ptz-set-preset (name, one to
 *   replace or %NULL): "token"; ptz-remove-preset (name or token)
 * - imaging-get: "brightness", "contrast", "saturation", "sharpness" in the camera's units, with
 *   "brightness-range" and so on, "focus" (auto, manual), "ir-cut" (on, off, auto); imaging-set (a
 *   structure of these); focus-move (-1..1, 0 stops)
 * - snapshot: "sample", image/jpeg
 * - relays: "relays", a list; relay (token, active); reboot
 *
 * ## When the camera is lost
 *
 * A camera that hangs up, restarts, hangs or moves to another address is asked again by itself: at
 * once, then with growing, jittered delays (reconnect-min-delay, reconnect-max-delay), without end
 * or for max-reconnects tries. The pads stay; what is downstream sees one stream with a gap in
 * running time, DISCONT, and new caps where they changed. Every track is watched: video that stops
 * for longer than timeout is a loss, and so is sound that had begun; metadata may be silent. The
 * element messages "onvif-offline" (reason, attempt, next-delay in ns) and "onvif-online"
 * (downtime in ns, attempts) tell of it, and stats counts. A refused user name or password is an
 * error and never tried again, as that would lock the account. A camera that is not there at the
 * start is an error too, since its address may be wrong, unless wait-for-camera is set.
 *
 * A camera that was found on the network is followed by its endpoint to another address. One whose
 * location was given is looked for at that host, on whatever port, and elsewhere only with
 * follow-address=true: another host that claims the endpoint would be shown digests made with the
 * password (never the password).
 *
 * ## Transports
 *
 * protocols is tcp by default: it passes firewalls and Wi-Fi without loss, and costs no delay that
 * is seen in a local network. udp, udp-mcast and http (RTSP in HTTP) are there for those who need
 * them; of several, rtspsrc tries UDP, multicast and TCP in this order. A camera that wants
 * digest by SHA-256 is answered by onvifrtsplogin, as rtspsrc 1.22 knows MD5 only; over UDP it has
 * to take reception reports for a sign of life then.
 *
 * Whatever takes an address takes onvif://HOST[:PORT], and onvifs:// for a camera that is asked
 * over https: playbin, uridecodebin, urisourcebin.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 onvifsrc location=onvif://192.0.2.7 user-id=admin user-pw=secret ! decodebin ! \
 * autovideosink
 * ]|
 * The picture of a camera in a window.
 * |[
 * gst-launch-1.0 onvifsrc name=c profile=sub c. ! rtph264depay ! avdec_h264 ! autovideosink c. ! \
 * decodebin ! autoaudiosink
 * ]|
 * The small stream of the first camera that is found, with sound.
 * |[
 * gst-launch-1.0 onvifsrc name=c location=onvif://192.0.2.7 c.video_0 ! decodebin ! autovideosink \
 * autoaudiosrc ! audioconvert ! c.backchannel
 * ]|
 * The camera's picture, and the microphone into its loudspeaker.
 * |[
 * gst-launch-1.0 onvifsrc location=onvif://192.0.2.7 recording=latest \
 * start-time=2026-01-31T12:00:00Z ! decodebin ! autovideosink
 * ]|
 * What the device recorded, from a moment on.
 */
#include "gstonvifsrc.hpp"

#include "glue/guard.hpp"
#include "glue/requestpads.hpp"
#include "gstbackchannel.hpp"
#include "gstonvifactions.hpp"
#include "gstonvifevents.hpp"
#include "gstonvifsrcproperties.hpp"
#include "gstreplay.hpp"
#include "gststreamkeeper.hpp"
#include "net/url.hpp"

#include <gst/rtsp/rtsp.h>

GST_DEBUG_CATEGORY(onvifsrc_debug);
#define GST_CAT_DEFAULT onvifsrc_debug

using onvif::SourceSettings;

/// What lives beside the stream, a row per file.
static const std::vector<onvif::CompanionKind>& companionKinds() {
    static const std::vector<onvif::CompanionKind> kinds = {
        onvif::actionSignals, onvif::eventMessages, onvif::backchannel, onvif::replay};
    return kinds;
}

namespace {

struct OnvifSrcPrivate {
    SourceSettings settings; // object lock
    onvif::Companions companions;
    std::unique_ptr<onvif::StreamKeeper> keeper;
};

} // namespace

struct _GstOnvifSrc {
    GstBin parent;
    OnvifSrcPrivate* priv;
};

static void gst_onvif_src_uri_handler_init(gpointer iface, gpointer);

G_DEFINE_FINAL_TYPE_WITH_CODE(GstOnvifSrc, gst_onvif_src, GST_TYPE_BIN,
                              G_IMPLEMENT_INTERFACE(GST_TYPE_URI_HANDLER,
                                                    gst_onvif_src_uri_handler_init))
GST_ELEMENT_REGISTER_DEFINE(onvifsrc, "onvifsrc", GST_RANK_NONE, GST_TYPE_ONVIF_SRC)

#define RTP_PAD(name, media)                                                                       \
    GST_STATIC_PAD_TEMPLATE(name, GST_PAD_SRC, GST_PAD_SOMETIMES,                                  \
                            GST_STATIC_CAPS("application/x-rtp, media=(string)" media))
static GstStaticPadTemplate pad_templates[] = {RTP_PAD("video_%u", "video"),
                                               RTP_PAD("audio_%u", "audio"),
                                               RTP_PAD("application_%u", "application")};

static const glue::PropertyTable<SourceSettings>& properties() { return onvif::sourceProperties(); }

static guint statsId() { return static_cast<guint>(properties().size()) + 1; }

static void gst_onvif_src_set_property(GObject* object, guint id, const GValue* value,
                                       GParamSpec* spec) {
    if (!glue::setProperty(object, properties(), GST_ONVIF_SRC(object)->priv->settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_onvif_src_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    if (id == statsId())
        g_value_take_boxed(value, GST_ONVIF_SRC(object)->priv->keeper->stats());
    else if (!glue::getProperty(object, properties(), GST_ONVIF_SRC(object)->priv->settings, id,
                                value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

onvif::CameraNow onvif::cameraNow(GstOnvifSrc* self) {
    CameraNow now = self->priv->keeper->now();
    if (!now.running)
        now.settings = glue::settingsOf(self, self->priv->settings);
    return now;
}

static GstStateChangeReturn changeChildren(GstElement* element, GstStateChange change) {
    const std::lock_guard<std::mutex> lock(GST_ONVIF_SRC(element)->priv->keeper->stateLock());
    return GST_ELEMENT_CLASS(gst_onvif_src_parent_class)->change_state(element, change);
}

static GstStateChangeReturn gst_onvif_src_change_state(GstElement* element, GstStateChange change) {
    GstOnvifSrc* self = GST_ONVIF_SRC(element);
    onvif::StreamKeeper& keeper = *self->priv->keeper;
    if (change == GST_STATE_CHANGE_READY_TO_PAUSED) {
        const bool started = glue::guard(element, false, [&] {
            keeper.start(glue::settingsOf(self, self->priv->settings));
            return true;
        });
        if (!started)
            return GST_STATE_CHANGE_FAILURE;
    }
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
        keeper.cancel();
    if (change == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
        keeper.setPlaying(false);
    const GstStateChangeReturn result = changeChildren(element, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
        keeper.setPlaying(true);
    const bool refused =
        result == GST_STATE_CHANGE_FAILURE && change == GST_STATE_CHANGE_READY_TO_PAUSED;
    if (refused)
        keeper.cancel();
    if (refused || change == GST_STATE_CHANGE_PAUSED_TO_READY)
        keeper.stop();
    // A live source has nothing to preroll with, whether or not rtspsrc is there by now.
    const bool toPaused =
        change == GST_STATE_CHANGE_READY_TO_PAUSED || change == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
    return toPaused && result != GST_STATE_CHANGE_FAILURE ? GST_STATE_CHANGE_NO_PREROLL : result;
}

static void gst_onvif_src_handle_message(GstBin* bin, GstMessage* message) {
    if (GST_ONVIF_SRC(bin)->priv->keeper->heard(message))
        gst_message_unref(message);
    else
        GST_BIN_CLASS(gst_onvif_src_parent_class)->handle_message(bin, message);
}

/// The end that the user asks for is no loss, and does not wait for the camera.
static gboolean gst_onvif_src_send_event(GstElement* element, GstEvent* event) {
    if (GST_EVENT_TYPE(event) != GST_EVENT_EOS)
        return GST_ELEMENT_CLASS(gst_onvif_src_parent_class)->send_event(element, event);
    gst_event_unref(event);
    GST_ONVIF_SRC(element)->priv->keeper->end();
    return TRUE;
}

static GstPad* gst_onvif_src_request_new_pad(GstElement* element, GstPadTemplate* templ,
                                             const gchar* name, const GstCaps*) {
    for (const auto& companion : GST_ONVIF_SRC(element)->priv->companions)
        if (GstPad* pad = companion->requestPad(templ, name))
            return pad;
    return nullptr;
}

static void gst_onvif_src_release_pad(GstElement* element, GstPad* pad) {
    for (const auto& companion : GST_ONVIF_SRC(element)->priv->companions)
        if (companion->releasePad(pad))
            return;
}

static GstURIType uriType(GType) { return GST_URI_SRC; }

static const gchar* const* uriProtocols(GType) {
    static const gchar* const protocols[] = {"onvif", "onvifs", nullptr};
    return protocols;
}

/// As it was set, without user name and password; any other address under our own scheme.
static gchar* getUri(GstURIHandler* handler) {
    const std::string location =
        glue::settingsOf(handler, GST_ONVIF_SRC(handler)->priv->settings).location;
    const auto url = net::Url::parse(location);
    if (!url)
        return location.empty() ? nullptr : g_strdup(("onvif://" + location).c_str());
    net::Url ours = *url;
    ours.scheme = url->scheme == "https" || url->scheme == "onvifs" ? "onvifs" : "onvif";
    ours.port =
        url->scheme == "onvif" || url->scheme == "onvifs" ? url->port : url->effectivePort();
    return g_strdup(ours.text().c_str());
}

static gboolean setUri(GstURIHandler* handler, const gchar* uri, GError** error) {
    try {
        onvif::parseLocation(uri);
    } catch (const base::Error& wrong) {
        g_set_error_literal(error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI, wrong.what());
        return FALSE;
    }
    const glue::ObjectLock lock(handler);
    onvif::setLocation(GST_ONVIF_SRC(handler)->priv->settings, uri);
    return TRUE;
}

static void gst_onvif_src_uri_handler_init(gpointer iface, gpointer) {
    auto* handler = static_cast<GstURIHandlerInterface*>(iface);
    handler->get_type = uriType;
    handler->get_protocols = uriProtocols;
    handler->get_uri = getUri;
    handler->set_uri = setUri;
}

static void gst_onvif_src_finalize(GObject* object) {
    delete GST_ONVIF_SRC(object)->priv;
    G_OBJECT_CLASS(gst_onvif_src_parent_class)->finalize(object);
}

static void gst_onvif_src_init(GstOnvifSrc* self) {
    self->priv = new OnvifSrcPrivate;
    for (const onvif::CompanionKind& kind : companionKinds())
        self->priv->companions.push_back(kind.make(self));
    self->priv->keeper = std::make_unique<onvif::StreamKeeper>(self, self->priv->companions);
    glue::makeEnd(GST_BIN(self), GST_ELEMENT_FLAG_SOURCE);
}

static void gst_onvif_src_class_init(GstOnvifSrcClass* klass) {
    GST_DEBUG_CATEGORY_INIT(onvifsrc_debug, "onvifsrc", 0, "ONVIF camera source");
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_onvif_src_set_property;
    object->get_property = gst_onvif_src_get_property;
    object->finalize = gst_onvif_src_finalize;
    element->change_state = gst_onvif_src_change_state;
    element->send_event = gst_onvif_src_send_event;
    element->request_new_pad = gst_onvif_src_request_new_pad;
    element->release_pad = gst_onvif_src_release_pad;
    GST_BIN_CLASS(klass)->handle_message = gst_onvif_src_handle_message;

    glue::installProperties(object, properties());
    glue::installStats(object, statsId(),
                       "How it goes: phase, address, authentication, profile, resolve-time in ns, "
                       "reconnects, downtime in ns, packets and bytes of video, audio and "
                       "metadata, and tracks, which have a last-packet-age in ns");
    for (GstStaticPadTemplate& pad : pad_templates)
        gst_element_class_add_static_pad_template(element, &pad);
    for (const onvif::CompanionKind& kind : companionKinds())
        kind.install(element);
    gst_element_class_set_static_metadata(element, "ONVIF camera source", "Source/Network/Video",
                                          "The live streams of an ONVIF camera, found and asked",
                                          "Video Stream");
}
