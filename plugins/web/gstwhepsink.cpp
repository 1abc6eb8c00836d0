/**
 * SECTION:element-whepsink
 * @title: whepsink
 *
 * Shows a stream to browsers. A small HTTP server in the element serves a page that plays it and a
 * WHEP endpoint for any other player; each viewer gets the one encode there is over WebRTC. Viewers
 * come and go without the pipeline noticing.
 *
 * Feed it VP9, VP8, H.264, H.265 (for browsers that have it) or AV1 (where GStreamer can pack it),
 * and Opus, G.711, AAC, G.726 (as RTP) or plain audio; encoded or as RTP, on any pad. Nothing is
 * encoded anew but sound that browsers cannot play, which becomes Opus once for all viewers. Sound
 * that cannot be prepared is left out with a warning; the picture goes on. A warning also says when
 * H.264 has B-frames, which browsers cannot show smoothly; "/status" has it too.
 *
 * The same picture in other sizes, from other encoders or a camera's sub stream, comes in at pads
 * quality_%u. Each viewer gets one at a time: the largest, a smaller one while its network loses
 * much, or the one it asks for; at a key frame, and without a new session. A size in another codec
 * is for those who cannot play the first. At the session's address with "/layer" behind it (a Link
 * with rel "urn:ietf:params:whep:ext:core:layer" in the answer names it) a GET tells the sizes as
 * JSON, and a POST of {"encodingId":"1"} or {"encodingId":"auto"} chooses.
 *
 * What a detector found travels beside the picture, on a data channel "detections", each message
 * with the RTP timestamp of its frame, and the page draws it over that very frame; programs get the
 * same JSON as Server-Sent Events at /events. Detections that ride on the stream itself are taken
 * from there. Those of another stream of the same camera come in at a pad detections_%u: link
 * pictures that a detector has looked at, and each finding is told of the frame of its moment.
 *
 * At a session's address with "/stats" behind it a GET tells, as JSON, how that one viewer fares:
 * bit rate, loss, way there and back, and "warnings" in words with what to do about them. The page
 * shows it.
 *
 * A viewer whose network loses nothing sees each picture as soon as it comes. One that loses
 * packets is asked to hold pictures back for as long as it takes to send them again, up to
 * #GstWhepSink:max-playout-delay milliseconds.
 *
 * When it listens it posts an
 * element message "whepsink-ready" with the address to open in the field "url"; `gst-launch-1.0 -m`
 * shows it.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1 ! \
 * vp9enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate=2000000 threads=2 \
 * row-mt=true tile-columns=1 keyframe-max-dist=300 ! whepsink port=8080
 * ]| Open http://127.0.0.1:8080/ in a browser.
 * |[
 * gst-launch-1.0 rtspsrc location=rtsp://camera/ latency=100 ! rtph264depay ! h264parse ! \
 * whepsink address=0.0.0.0
 * ]| A camera's H.264 to every browser in the network, as it is.
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! tee name=t ! queue ! x264enc tune=zerolatency \
 * bitrate=2000 ! whepsink name=w t. ! queue ! videoscale ! video/x-raw,width=160,height=120 ! \
 * x264enc tune=zerolatency bitrate=150 ! w.quality_0
 * ]| A small size for viewers with a bad network.
 * |[
 * gst-launch-1.0 videotestsrc is-live=true pattern=ball ! tee name=t ! queue ! \
 * vp8enc deadline=1 ! whepsink name=w port=8080 playout-delay=200 t. ! queue leaky=downstream ! \
 * yolodetect model=models/shapes.onnx ! w.detections_0
 * ]| Boxes beside the picture, not in it.
 */
#include "web/gstwhepsink.hpp"

#include "glue/guard.hpp"
#include "glue/requestpads.hpp"
#include "glue/serving.hpp"
#include "web/gstaccess.hpp"
#include "web/gstaudience.hpp"
#include "web/gstdetectioninput.hpp"
#include "web/gstwhepproperties.hpp"

#include <mutex>

GST_DEBUG_CATEGORY(whepsink_debug);
#define GST_CAT_DEFAULT whepsink_debug

namespace {

using web::whepProperties;
using web::WhepSettings;

struct WhepSinkPrivate {
    WhepSettings settings;
    /// Holds the next three together: pads come and go, "stats" is read and the state changes in
    /// threads of their own. Held while waiting for the audience's loop, so never taken in there,
    /// nor under a track's lock.
    std::mutex mutex;
    std::unique_ptr<web::GstAudience> audience; ///< between READY and NULL
    std::vector<std::shared_ptr<web::Track>> tracks;
    std::vector<std::unique_ptr<web::DetectionInput>> findings;
    std::atomic<unsigned> padCount{0};
    glue::Listening listening;
};

#define VIDEO_CAPS                                                                                 \
    "video/x-vp9, profile = (string) 0; video/x-vp9; video/x-vp8; video/x-h264; video/x-h265; "    \
    "video/x-av1; application/x-rtp, media = (string) video, clock-rate = (int) 90000, "           \
    "encoding-name = (string) { VP9, VP8, H264, H265, AV1 }"
#define AUDIO_CAPS                                                                                 \
    "audio/x-opus, channel-mapping-family = (int) 0; audio/x-opus; "                               \
    "audio/x-mulaw, rate = (int) 8000, channels = (int) 1; "                                       \
    "audio/x-alaw, rate = (int) 8000, channels = (int) 1; "                                        \
    "audio/mpeg, mpegversion = (int) { 2, 4 }; audio/x-raw; "                                      \
    "application/x-rtp, media = (string) audio, "                                                  \
    "encoding-name = (string) { OPUS, PCMU, PCMA, MPEG4-GENERIC, MP4A-LATM, G726-16, G726-24, "    \
    "G726-32, G726-40, L16 }"

GstStaticPadTemplate videoTemplate =
    GST_STATIC_PAD_TEMPLATE("video_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(VIDEO_CAPS));
GstStaticPadTemplate audioTemplate =
    GST_STATIC_PAD_TEMPLATE("audio_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(AUDIO_CAPS));
GstStaticPadTemplate qualityTemplate = GST_STATIC_PAD_TEMPLATE(
    "quality_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(VIDEO_CAPS));
GstStaticPadTemplate anyTemplate = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(VIDEO_CAPS "; " AUDIO_CAPS));

GstStaticPadTemplate detectionsTemplate = GST_STATIC_PAD_TEMPLATE(
    "detections_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS("video/x-raw(ANY)"));

} // namespace

struct _GstWhepSink {
    GstBin parent;
    WhepSinkPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstWhepSink, gst_whep_sink, GST_TYPE_BIN,
                        GST_DEBUG_CATEGORY_INIT(whepsink_debug, "whepsink", 0,
                                                "browsers watch over WebRTC"))
GST_ELEMENT_REGISTER_DEFINE(whepsink, "whepsink", GST_RANK_NONE, GST_TYPE_WHEP_SINK)

static GstStructure* statsOf(WhepSinkPrivate* priv) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    return priv->audience ? priv->audience->stats()
                          : gst_structure_new_empty("application/x-whepsink-stats");
}

static void gst_whep_sink_set_property(GObject* object, guint id, const GValue* value,
                                       GParamSpec* spec) {
    glue::setServing(object, whepProperties(), GST_WHEP_SINK(object)->priv->settings, id, value,
                     spec);
}

static void gst_whep_sink_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    WhepSinkPrivate* priv = GST_WHEP_SINK(object)->priv;
    glue::getServing(object, whepProperties(), priv->settings, priv->listening, id, value, spec,
                     [&] { return statsOf(priv); });
}

static bool open(GstWhepSink* self) {
    return glue::guard(self, false, [&] {
        WhepSinkPrivate* priv = self->priv;
        auto audience = std::make_unique<web::GstAudience>(GST_ELEMENT(self),
                                                           glue::settingsOf(self, priv->settings));
        const unsigned port = audience->port();
        const std::string url = audience->url();
        web::warnIfOpen(GST_ELEMENT(self), audience->site());
        GST_INFO_OBJECT(self, "listening at %s", url.c_str());
        {
            const std::lock_guard<std::mutex> lock(priv->mutex);
            audience->setTracks(priv->tracks);
            priv->audience = std::move(audience);
        }
        glue::startedListening(GST_ELEMENT(self), priv->listening, {port, url}, "whepsink-ready",
                               {{"whep", url + "whep"}});
        return true;
    });
}

static void close(GstWhepSink* self) {
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        self->priv->audience.reset();
    }
    glue::stoppedListening(GST_ELEMENT(self), self->priv->listening);
}

static void dismissAll(GstWhepSink* self) {
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    if (self->priv->audience)
        self->priv->audience->dismissAllNow();
}

static void forgetStreams(GstWhepSink* self) {
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    for (const auto& track : self->priv->tracks)
        track->reset();
}

static GstStateChangeReturn gst_whep_sink_change_state(GstElement* element,
                                                       GstStateChange transition) {
    auto* self = GST_WHEP_SINK(element);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
        dismissAll(self);
    return glue::changeServing(
        gst_whep_sink_parent_class, element, transition, [=] { return open(self); },
        [=] { forgetStreams(self); }, [=] { close(self); });
}

/// Takes the track with that pad out of the list and sends the viewers home.
static std::shared_ptr<web::Track> takeTrack(WhepSinkPrivate* priv, const GstPad* pad) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    auto track = glue::takeInput(priv->tracks, pad);
    if (track && priv->audience) {
        priv->audience->setTracks(priv->tracks);
        priv->audience->dismissAllNow();
    }
    return track;
}

static std::shared_ptr<web::Track> makeTrack(GstWhepSink* self, GstPadTemplate* templ,
                                             const std::string& name) {
    web::Track::Events events;
    events.changed = [self] {
        if (self->priv->audience)
            self->priv->audience->dismissAll();
    };
    events.found = [self](const web::Track& track, const base::Detections& detections,
                          std::uint32_t rtp, const web::Moment& when) {
        if (self->priv->audience)
            self->priv->audience->tell(track, detections, rtp, when);
    };
    const bool quality =
        g_str_equal(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), qualityTemplate.name_template);
    return std::make_shared<web::Track>(GST_BIN(self), templ, name.c_str(),
                                        quality ? web::Track::Role::Quality : web::Track::Role::Own,
                                        std::size_t(self->priv->settings.cacheKilobytes) * 1024,
                                        std::move(events));
}

static GstPad* addFindings(GstWhepSink* self, GstPadTemplate* templ, const std::string& name) {
    auto input = std::make_unique<web::DetectionInput>(
        GST_BIN(self), templ, name.c_str(),
        [self](const base::Detections& detections, const web::Moment& when) {
            if (self->priv->audience)
                self->priv->audience->place(detections, when);
        });
    if (!glue::addInput(GST_ELEMENT(self), *input))
        return nullptr;
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    self->priv->findings.push_back(std::move(input));
    return self->priv->findings.back()->pad();
}

static GstPad* addTrack(GstWhepSink* self, GstPadTemplate* templ, const std::string& name) {
    auto track = makeTrack(self, templ, name);
    if (!glue::addInput(GST_ELEMENT(self), *track))
        return nullptr;
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    self->priv->tracks.push_back(track);
    if (self->priv->audience)
        self->priv->audience->setTracks(self->priv->tracks);
    return track->pad();
}

static GstPad* gst_whep_sink_request_new_pad(GstElement* element, GstPadTemplate* templ,
                                             const gchar* requested, const GstCaps*) {
    auto* self = GST_WHEP_SINK(element);
    return glue::guard(self, static_cast<GstPad*>(nullptr), [&]() -> GstPad* {
        const std::string name = glue::padName(element, templ, requested, self->priv->padCount);
        const bool findings =
            g_str_equal(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), detectionsTemplate.name_template);
        return findings ? addFindings(self, templ, name) : addTrack(self, templ, name);
    });
}

static std::unique_ptr<web::DetectionInput> takeFindings(WhepSinkPrivate* priv, const GstPad* pad) {
    const std::lock_guard<std::mutex> lock(priv->mutex);
    return glue::takeInput(priv->findings, pad);
}

static void gst_whep_sink_release_pad(GstElement* element, GstPad* pad) {
    WhepSinkPrivate* priv = GST_WHEP_SINK(element)->priv;
    if (const auto track = takeTrack(priv, pad))
        glue::removeInput(element, *track);
    else if (const auto findings = takeFindings(priv, pad))
        glue::removeInput(element, *findings);
}

static void gst_whep_sink_handle_message(GstBin* bin, GstMessage* message) {
    if (web::PacketInput::isSoundFailure(message)) {
        GST_WARNING_OBJECT(bin, "%" GST_PTR_FORMAT, static_cast<void*>(message));
        return gst_message_unref(message);
    }
    GST_BIN_CLASS(gst_whep_sink_parent_class)->handle_message(bin, message);
}

static void gst_whep_sink_finalize(GObject* object) {
    auto* self = GST_WHEP_SINK(object);
    delete self->priv;
    G_OBJECT_CLASS(gst_whep_sink_parent_class)->finalize(object);
}

static void gst_whep_sink_init(GstWhepSink* self) {
    self->priv = new WhepSinkPrivate;
    glue::makeEnd(GST_BIN(self), GST_ELEMENT_FLAG_SINK);
}

static void gst_whep_sink_class_init(GstWhepSinkClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_whep_sink_set_property;
    object->get_property = gst_whep_sink_get_property;
    object->finalize = gst_whep_sink_finalize;
    glue::installServing(object, whepProperties(), "Address of the page, while it is served",
                         "Viewers, frames, packets, key frames asked for and packets dropped, in "
                         "all and for each viewer");
    GST_BIN_CLASS(klass)->handle_message = gst_whep_sink_handle_message;
    element->change_state = gst_whep_sink_change_state;
    element->request_new_pad = gst_whep_sink_request_new_pad;
    element->release_pad = gst_whep_sink_release_pad;
    gst_element_class_add_static_pad_template(element, &videoTemplate);
    gst_element_class_add_static_pad_template(element, &qualityTemplate);
    gst_element_class_add_static_pad_template(element, &audioTemplate);
    gst_element_class_add_static_pad_template(element, &anyTemplate);
    gst_element_class_add_static_pad_template(element, &detectionsTemplate);
    gst_element_class_set_static_metadata(
        element, "WHEP sink", "Sink/Network/WebRTC",
        "Serves a page on which any number of browsers watch the stream over WebRTC",
        "Video Stream");
}
