/**
 * SECTION:element-onvifsrc
 * @title: onvifsrc
 * @short_description: The live streams of an ONVIF camera
 *
 * Asks an ONVIF camera where its stream is and plays it with rtspsrc. Without a location it looks
 * for cameras on the network and takes the first; the others are named in an info message on the
 * bus. When the camera is known, an element message "onvif-device" tells manufacturer, model,
 * profile and picture size.
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
 */
#include "glue/guard.hpp"
#include "glue/properties.hpp"
#include "glue/ref.hpp"
#include "gststreamerror.hpp"
#include "gststreamfacts.hpp"
#include "gststreampads.hpp"
#include "net/url.hpp"
#include "stream.hpp"

#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>

#include <optional>
#include <thread>

GST_DEBUG_CATEGORY_STATIC(onvifsrc_debug);
#define GST_CAT_DEFAULT onvifsrc_debug

using onvif::SourceSettings;

#define GST_TYPE_ONVIF_SRC (gst_onvif_src_get_type())
G_DECLARE_FINAL_TYPE(GstOnvifSrc, gst_onvif_src, GST, ONVIF_SRC, GstBin)

namespace {

/// One time from READY to PAUSED and back.
struct Run {
    SourceSettings settings;
    net::Cancel cancel;
    std::thread worker;
};

struct OnvifSrcPrivate {
    SourceSettings settings;             // object lock
    const char* phase = "stopped";       // object lock
    std::optional<onvif::Stream> stream; // object lock
    bool failed = false; // object lock: the first error says why, the rest are its echo
    GstClockTime started = GST_CLOCK_TIME_NONE, resolved = GST_CLOCK_TIME_NONE; // object lock
    std::unique_ptr<Run> run;      // state changes only
    GstElement* rtspsrc = nullptr; // the worker sets it, state changes after join read it
    std::unique_ptr<onvif::StreamPads> pads;
};

} // namespace

struct _GstOnvifSrc {
    GstBin parent;
    OnvifSrcPrivate* priv;
};

G_DEFINE_FINAL_TYPE(GstOnvifSrc, gst_onvif_src, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE(onvifsrc, "onvifsrc", GST_RANK_NONE, GST_TYPE_ONVIF_SRC)

static GstStaticPadTemplate video_template =
    GST_STATIC_PAD_TEMPLATE("video_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
                            GST_STATIC_CAPS("application/x-rtp, media=(string)video"));
static GstStaticPadTemplate audio_template =
    GST_STATIC_PAD_TEMPLATE("audio_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
                            GST_STATIC_CAPS("application/x-rtp, media=(string)audio"));

static glue::Property<SourceSettings> locationRow() {
    auto row = glue::text<SourceSettings>(
        "location",
        "The camera: onvif://host[:port] or http://host:port/onvif/device_service. Empty: the "
        "first that "
        "is found on the network. A user name and password in it go to user-id and user-pw",
        &SourceSettings::location);
    row.write = [](SourceSettings& s, const GValue* value) {
        const char* given = g_value_get_string(value);
        onvif::setLocation(s, given ? given : "");
    };
    return row;
}

static const glue::PropertyTable<SourceSettings>& properties() {
    using S = SourceSettings;
    using std::chrono::milliseconds;
    static const glue::PropertyTable<S> table = {
        locationRow(),
        glue::text<S>("user-id", "User name at the camera", &S::userId),
        glue::secret<S>("user-pw", "Password at the camera; it can be set and never read",
                        &S::userPw),
        glue::text<S>(
            "profile",
            "Media profile, by token or name. Empty: the best, which is the largest picture",
            &S::profile),
        glue::text<S>(
            "interfaces",
            "Network interfaces to look for cameras on, comma separated. Empty: those in the "
            "environment variable ONVIF_INTERFACES, else all",
            &S::interfaces),
        glue::duration<S>("latency", "Jitter buffer in ms, as rtspsrc has it", &S::latency,
                          milliseconds(0), milliseconds(60000)),
        glue::duration<S>("timeout",
                          "How long in ms the camera may take for an answer or to send on",
                          &S::timeout, milliseconds(100), milliseconds(600000)),
        glue::flags<S>("protocols",
                       "Lower transport protocols that are allowed, as rtspsrc has them",
                       &S::protocols, GST_TYPE_RTSP_LOWER_TRANS),
        glue::flags<S>("tls-validation-flags",
                       "What to check of the camera's certificate where it is asked over https",
                       &S::tlsValidationFlags, G_TYPE_TLS_CERTIFICATE_FLAGS),
    };
    return table;
}

static guint statsId() { return static_cast<guint>(properties().size()) + 1; }

static GstStructure* statsOf(GstOnvifSrc* self) {
    OnvifSrcPrivate* priv = self->priv;
    const onvif::PadCount video = priv->pads->video(), audio = priv->pads->audio();
    const glue::ObjectLock lock(self);
    const GstClockTime took = GST_CLOCK_TIME_IS_VALID(priv->resolved)
                                  ? priv->resolved - priv->started
                                  : GST_CLOCK_TIME_NONE;
    return onvif::statsFacts(priv->phase, priv->stream ? &*priv->stream : nullptr, took, video,
                             audio);
}

static void gst_onvif_src_set_property(GObject* object, guint id, const GValue* value,
                                       GParamSpec* spec) {
    if (!glue::setProperty(object, properties(), GST_ONVIF_SRC(object)->priv->settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_onvif_src_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    if (id == statsId())
        g_value_take_boxed(value, statsOf(GST_ONVIF_SRC(object)));
    else if (!glue::getProperty(object, properties(), GST_ONVIF_SRC(object)->priv->settings, id,
                                value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void setPhase(GstOnvifSrc* self, const char* phase) {
    GST_INFO_OBJECT(self, "%s", phase);
    const glue::ObjectLock lock(self);
    self->priv->phase = phase;
}

/// The first error of a run is posted, what follows from it is not.
static void fail(GstOnvifSrc* self, const base::Error& error) {
    {
        const glue::ObjectLock lock(self);
        if (self->priv->failed)
            return;
        self->priv->failed = true;
        self->priv->phase = "failed";
    }
    glue::postError(self, error);
}

static void announce(GstOnvifSrc* self, const onvif::Stream& stream) {
    if (!stream.found.sender.empty())
        GST_ELEMENT_INFO(self, RESOURCE, SETTINGS, ("%s", onvif::choiceText(stream).c_str()),
                         (nullptr));
    gst_element_post_message(GST_ELEMENT(self),
                             gst_message_new_element(GST_OBJECT(self), onvif::deviceFacts(stream)));
}

static gboolean selectStream(GstElement*, guint, GstCaps* caps, gpointer self) {
    return GST_ONVIF_SRC(self)->priv->pads->wants(caps);
}
static void padAdded(GstElement*, GstPad* pad, gpointer self) {
    if (GST_PAD_IS_SRC(pad))
        GST_ONVIF_SRC(self)->priv->pads->add(pad);
}
static void padRemoved(GstElement*, GstPad* pad, gpointer self) {
    GST_ONVIF_SRC(self)->priv->pads->remove(pad);
}
static void noMorePads(GstElement*, gpointer self) {
    setPhase(GST_ONVIF_SRC(self), "playing");
    GST_ONVIF_SRC(self)->priv->pads->complete();
}

static GstElement* makeRtspsrc(const SourceSettings& settings, const onvif::Stream& stream) {
    GstElement* rtspsrc = gst_element_factory_make("rtspsrc", nullptr);
    if (!rtspsrc)
        throw base::Error(base::ErrorKind::NotFound, "The element rtspsrc is missing: install "
                                                     "GStreamer's good plugins.");
    auto url = *net::Url::parse(stream.uri);
    // rtspsrc knows the tunnel through HTTP by the scheme.
    const bool tunnel = settings.protocols & GST_RTSP_LOWER_TRANS_HTTP;
    if (tunnel && (url.scheme == "rtsp" || url.scheme == "http"))
        url.scheme = "rtsph";
    const std::chrono::microseconds timeout = settings.timeout;
    g_object_set(rtspsrc, "location", url.text().c_str(), "user-id", settings.userId.c_str(),
                 "user-pw", settings.userPw.c_str(), "latency",
                 static_cast<guint>(settings.latency.count()), "protocols", settings.protocols,
                 "drop-on-latency", TRUE, "timeout", static_cast<guint64>(timeout.count()),
                 "tcp-timeout", static_cast<guint64>(timeout.count()), "tls-validation-flags",
                 settings.tlsValidationFlags, nullptr);
    return rtspsrc;
}

static void connectStream(GstOnvifSrc* self, const SourceSettings& settings,
                          const onvif::Stream& stream) {
    GstElement* rtspsrc = makeRtspsrc(settings, stream);
    g_signal_connect(rtspsrc, "select-stream", G_CALLBACK(selectStream), self);
    g_signal_connect(rtspsrc, "pad-added", G_CALLBACK(padAdded), self);
    g_signal_connect(rtspsrc, "pad-removed", G_CALLBACK(padRemoved), self);
    g_signal_connect(rtspsrc, "no-more-pads", G_CALLBACK(noMorePads), self);
    self->priv->rtspsrc = rtspsrc;
    gst_bin_add(GST_BIN(self), rtspsrc);
    if (!gst_element_sync_state_with_parent(rtspsrc))
        fail(self,
             base::Error(base::ErrorKind::Failed, "The camera's stream could not be started."));
}

/// What is said to the camera and back, for who wants to read it.
static onvif::SoapClient::Trace tracer(GstOnvifSrc* self) {
    if (gst_debug_category_get_threshold(onvifsrc_debug) < GST_LEVEL_LOG)
        return {};
    return [self](const std::string& what, const std::string& text) {
        GST_LOG_OBJECT(self, "%s", what.c_str());
        GST_TRACE_OBJECT(self, "%s", text.c_str());
    };
}

static void work(GstOnvifSrc* self, const SourceSettings& settings, const net::Cancel& cancel) {
    setPhase(self, settings.location.empty() ? "looking for cameras" : "asking the camera");
    const onvif::Stream stream = onvif::findStream(settings, cancel, tracer(self));
    {
        const glue::ObjectLock lock(self);
        self->priv->stream = stream;
        self->priv->resolved = gst_util_get_timestamp();
        self->priv->phase = "connecting";
    }
    announce(self, stream);
    cancel.check();
    connectStream(self, settings, stream);
}

static void runWorker(GstOnvifSrc* self, const SourceSettings& settings,
                      const net::Cancel& cancel) {
    try {
        work(self, settings, cancel);
    } catch (const net::Cancelled&) {
        GST_DEBUG_OBJECT(self, "cancelled");
    } catch (const base::Error& error) {
        fail(self, error);
    } catch (const std::exception& error) {
        fail(self,
             base::Error(base::ErrorKind::Failed,
                         "Something unexpected happened while asking the camera.", error.what()));
    }
}

static void start(GstOnvifSrc* self) {
    OnvifSrcPrivate* priv = self->priv;
    auto run = std::make_unique<Run>();
    {
        const glue::ObjectLock lock(self);
        run->settings = priv->settings;
        priv->failed = false;
        priv->stream.reset();
        priv->started = gst_util_get_timestamp();
        priv->resolved = GST_CLOCK_TIME_NONE;
    }
    priv->pads->start(run->settings.timeout);
    run->worker = std::thread(runWorker, self, std::cref(run->settings), std::cref(run->cancel));
    priv->run = std::move(run);
}

/// Ends the asking, not yet the stream.
static void stopWorker(GstOnvifSrc* self) {
    if (!self->priv->run)
        return;
    {
        const glue::ObjectLock lock(self);
        self->priv->failed = true; // what breaks from now on is our own doing
    }
    self->priv->run->cancel.cancel();
    self->priv->run->worker.join();
    self->priv->run.reset();
}

static void dismantle(GstOnvifSrc* self) {
    OnvifSrcPrivate* priv = self->priv;
    if (GstElement* rtspsrc = std::exchange(priv->rtspsrc, nullptr)) {
        gst_element_set_locked_state(rtspsrc, TRUE);
        gst_element_set_state(rtspsrc, GST_STATE_NULL);
        g_signal_handlers_disconnect_by_data(rtspsrc, self);
        gst_bin_remove(GST_BIN(self), rtspsrc);
    }
    priv->pads->clear();
    setPhase(self, "stopped");
}

static GstStateChangeReturn gst_onvif_src_change_state(GstElement* element, GstStateChange change) {
    GstOnvifSrc* self = GST_ONVIF_SRC(element);
    if (change == GST_STATE_CHANGE_READY_TO_PAUSED) {
        const bool started = glue::guard(element, false, [&] {
            start(self);
            return true;
        });
        if (!started)
            return GST_STATE_CHANGE_FAILURE;
    }
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
        stopWorker(self);
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(gst_onvif_src_parent_class)->change_state(element, change);
    if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
        dismantle(self);
    if (result == GST_STATE_CHANGE_FAILURE && change == GST_STATE_CHANGE_READY_TO_PAUSED) {
        stopWorker(self);
        dismantle(self);
    }
    // A live source has nothing to preroll with, whether or not rtspsrc is there by now.
    const bool toPaused =
        change == GST_STATE_CHANGE_READY_TO_PAUSED || change == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
    return toPaused && result != GST_STATE_CHANGE_FAILURE ? GST_STATE_CHANGE_NO_PREROLL : result;
}

static std::string streamHost(GstOnvifSrc* self) {
    const glue::ObjectLock lock(self);
    const auto url = net::Url::parse(self->priv->stream ? self->priv->stream->uri : "");
    return url ? url->host + ":" + std::to_string(url->effectivePort()) : "its address";
}

/// rtspsrc only warns when the camera hangs up, and then ends the stream as if that were its end.
static bool saysLost(GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_WARNING)
        return false;
    GError* raw = nullptr;
    gst_message_parse_warning(message, &raw, nullptr);
    const glue::Ref<GError> error(raw);
    return g_error_matches(error.get(), GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);
}

static void gst_onvif_src_handle_message(GstBin* bin, GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GST_WARNING_OBJECT(bin, "from inside: %s", GST_MESSAGE_SRC_NAME(message));
        fail(GST_ONVIF_SRC(bin), onvif::explain(message, streamHost(GST_ONVIF_SRC(bin))));
        gst_message_unref(message);
        return;
    }
    if (saysLost(message)) {
        fail(GST_ONVIF_SRC(bin),
             base::Error(
                 base::ErrorKind::Unreachable,
                 "The camera at " + streamHost(GST_ONVIF_SRC(bin)) +
                     " stopped sending: check that it is on and reachable, then start again."));
        gst_message_unref(message);
        return;
    }
    GST_BIN_CLASS(gst_onvif_src_parent_class)->handle_message(bin, message);
}

static void gst_onvif_src_finalize(GObject* object) {
    delete GST_ONVIF_SRC(object)->priv;
    G_OBJECT_CLASS(gst_onvif_src_parent_class)->finalize(object);
}

static void gst_onvif_src_init(GstOnvifSrc* self) {
    self->priv = new OnvifSrcPrivate;
    self->priv->pads =
        std::make_unique<onvif::StreamPads>(GST_ELEMENT(self), [self](const std::string& pads) {
            fail(self, base::Error(base::ErrorKind::Settings,
                                   "Nothing takes the camera's streams, which are: " + pads +
                                       ". Link one of these pads to an element that takes it."));
        });
    GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
    gst_bin_set_suppressed_flags(
        GST_BIN(self),
        static_cast<GstElementFlags>(GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK));
}

static void gst_onvif_src_class_init(GstOnvifSrcClass* klass) {
    GST_DEBUG_CATEGORY_INIT(onvifsrc_debug, "onvifsrc", 0, "ONVIF camera source");
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_onvif_src_set_property;
    object->get_property = gst_onvif_src_get_property;
    object->finalize = gst_onvif_src_finalize;
    element->change_state = gst_onvif_src_change_state;
    GST_BIN_CLASS(klass)->handle_message = gst_onvif_src_handle_message;

    glue::installProperties(object, properties());
    g_object_class_install_property(
        object, statsId(),
        g_param_spec_boxed(
            "stats", "stats",
            "How it goes: phase, address, authentication, profile, resolve-time in ns, "
            "packets and bytes of video and audio",
            GST_TYPE_STRUCTURE, glue::flagsOf(G_PARAM_READABLE, static_cast<GParamFlags>(0))));
    gst_element_class_add_static_pad_template(element, &video_template);
    gst_element_class_add_static_pad_template(element, &audio_template);
    gst_element_class_set_static_metadata(element, "ONVIF camera source", "Source/Network/Video",
                                          "The live streams of an ONVIF camera, found and asked",
                                          "Video Stream");
}
