/**
 * SECTION:element-rtspserversink
 * @title: rtspserversink
 * @short_description: offers encoded video and audio as rtsp://
 *
 * Serves what comes in to any number of RTSP clients, over UDP or TCP, from one encode and one
 * packing for all of them. Sinks of one process that name the same address and port share one
 * server. Whoever joins gets a key frame where the encoder can be asked for one. A client that does
 * not read, or goes without a word, is let go; none ever holds the pipeline up.
 *
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! h264parse ! \
 * rtspserversink path=test
 * ]| Watch it with ffplay rtsp://127.0.0.1:8554/test
 */
#include "gstrtspserversink.hpp"

#include "glue/guard.hpp"
#include "glue/requestpads.hpp"
#include "glue/serving.hpp"
#include "gsthouse.hpp"
#include "gststream.hpp"
#include "payloading.hpp"

#include <gst/rtsp/gstrtsptransport.h>

#include <mutex>

GST_DEBUG_CATEGORY_STATIC(rtspserversink_debug);
#define GST_CAT_DEFAULT rtspserversink_debug

namespace {

using rtspserve::House;
using rtspserve::Input;
using rtspserve::ServeSettings;
using rtspserve::Stream;

struct RtspServerSinkPrivate {
    ServeSettings settings;
    std::mutex mutex;                    ///< for the next two; never taken in the server's thread
    std::unique_ptr<House::Lease> lease; ///< between READY and NULL
    std::vector<std::shared_ptr<Input>> inputs;
    std::atomic<unsigned> padCount{0};
    const std::shared_ptr<Stream> stream = std::make_shared<Stream>();
    glue::Listening listening;
};

constexpr unsigned udp = GST_RTSP_LOWER_TRANS_UDP, multicast = GST_RTSP_LOWER_TRANS_UDP_MCAST,
                   tcp = GST_RTSP_LOWER_TRANS_TCP;

glue::Property<ServeSettings> protocols() {
    const auto bits = [](const ServeSettings& s) {
        return (s.udp ? udp : 0) | (s.multicast ? multicast : 0) | (s.tcp ? tcp : 0);
    };
    return {[=](const ServeSettings& defaults) {
                return g_param_spec_flags("protocols", "protocols",
                                          "Ways to send that clients may choose from",
                                          GST_TYPE_RTSP_LOWER_TRANS, bits(defaults),
                                          glue::flagsOf(G_PARAM_READWRITE, glue::mutableReady));
            },
            [=](ServeSettings& s, const GValue* v) {
                const guint given = g_value_get_flags(v);
                s.udp = given & udp;
                s.multicast = given & multicast;
                s.tcp = given & tcp;
            },
            [=](const ServeSettings& s, GValue* v) { g_value_set_flags(v, bits(s)); }};
}

const glue::PropertyTable<ServeSettings>& properties() {
    using S = ServeSettings;
    static const glue::PropertyTable<S> table = {
        glue::listenAddress<S>(),
        glue::text("path", "Name of the stream: \"yard\" is watched at rtsp://ADDRESS:PORT/yard",
                   &S::path),
        glue::text("user-id", "User that clients have to name (none = everybody may watch)",
                   &S::userId),
        glue::secret("user-pw", "The user's password", &S::userPw),
        glue::number("max-clients", "How many may watch at the same time", &S::maxClients, 1u,
                     500u),
        protocols(),
    };
    return table;
}

#define VIDEO_CAPS                                                                                 \
    "video/x-h264, stream-format = (string) avc, alignment = (string) au; "                        \
    "video/x-h265, stream-format = (string) hvc1, alignment = (string) au; "                       \
    "video/x-vp9; video/x-vp8; video/x-av1, stream-format = (string) obu-stream, "                 \
    "alignment = (string) tu; image/jpeg"
#define AUDIO_CAPS                                                                                 \
    "audio/x-opus, channel-mapping-family = (int) 0; "                                             \
    "audio/mpeg, mpegversion = (int) 4, stream-format = (string) raw; "                            \
    "audio/x-mulaw, rate = (int) 8000, channels = (int) 1; "                                       \
    "audio/x-alaw, rate = (int) 8000, channels = (int) 1"

GstStaticPadTemplate videoTemplate =
    GST_STATIC_PAD_TEMPLATE("video_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(VIDEO_CAPS));
GstStaticPadTemplate audioTemplate =
    GST_STATIC_PAD_TEMPLATE("audio_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(AUDIO_CAPS));
GstStaticPadTemplate anyTemplate = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(VIDEO_CAPS "; " AUDIO_CAPS));

} // namespace

struct _GstRtspServerSink {
    GstBin parent;
    RtspServerSinkPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstRtspServerSink, gst_rtsp_server_sink, GST_TYPE_BIN,
                        GST_DEBUG_CATEGORY_INIT(rtspserversink_debug, "rtspserversink", 0,
                                                "pipelines offered as rtsp://"))
GST_ELEMENT_REGISTER_DEFINE(rtspserversink, "rtspserversink", GST_RANK_NONE,
                            GST_TYPE_RTSP_SERVER_SINK)

static GstStructure* statsOf(RtspServerSinkPrivate* priv) {
    std::vector<std::shared_ptr<Input>> inputs;
    guint clients = 0;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        inputs = priv->inputs;
        clients = priv->lease ? priv->lease->clients() : 0;
    }
    Input::Counters sum;
    for (const auto& input : inputs) {
        const Input::Counters counters = input->counters();
        sum.frames += counters.frames;
        sum.bytes += counters.bytes;
        sum.keyRequests += counters.keyRequests;
    }
    return gst_structure_new("application/x-rtspserversink-stats", "clients", G_TYPE_UINT, clients,
                             "frames", G_TYPE_UINT64, sum.frames, "bytes", G_TYPE_UINT64, sum.bytes,
                             "keyframe-requests", G_TYPE_UINT64, sum.keyRequests, nullptr);
}

static void gst_rtsp_server_sink_set_property(GObject* object, guint id, const GValue* value,
                                              GParamSpec* spec) {
    glue::setServing(object, properties(), GST_RTSP_SERVER_SINK(object)->priv->settings, id, value,
                     spec);
}

static void gst_rtsp_server_sink_get_property(GObject* object, guint id, GValue* value,
                                              GParamSpec* spec) {
    RtspServerSinkPrivate* priv = GST_RTSP_SERVER_SINK(object)->priv;
    glue::getServing(object, properties(), priv->settings, priv->listening, id, value, spec,
                     [&] { return statsOf(priv); });
}

static std::string urlOf(const ServeSettings& settings, unsigned port) {
    const bool six = settings.address.find(':') != std::string::npos;
    return "rtsp://" + (six ? "[" + settings.address + "]" : settings.address) + ":" +
           std::to_string(port) + "/" + settings.path;
}

static void check(const ServeSettings& settings) {
    using base::Error;
    using base::ErrorKind;
    if (!rtspserve::isPath(settings.path))
        throw Error(ErrorKind::Settings,
                    "The property path has to be one to four words of letters, digits, \".\", "
                    "\"_\" and \"-\" with slashes between them: choose another.");
    if (!settings.udp && !settings.multicast && !settings.tcp)
        throw Error(ErrorKind::Settings,
                    "The property protocols leaves no way to send: name tcp, udp or udp-mcast.");
    if (settings.userId.empty() && !settings.userPw.empty())
        throw Error(ErrorKind::Settings, "There is a user-pw without a user-id: set both.");
}

static bool open(GstRtspServerSink* self) {
    return glue::guard(self, false, [&] {
        RtspServerSinkPrivate* priv = self->priv;
        const ServeSettings settings = glue::settingsOf(self, priv->settings);
        check(settings);
        House::Tenant tenant;
        tenant.path = "/" + settings.path;
        tenant.factory.reset(rtspserve::newFactory(priv->stream, settings));
        tenant.live = [stream = priv->stream] { return stream->live(); };
        tenant.played = [stream = priv->stream] { stream->played(); };
        tenant.maxClients = settings.maxClients;
        auto lease = House::rent(settings, std::move(tenant));
        const unsigned port = lease->port();
        const std::string url = urlOf(settings, port);
        {
            const std::lock_guard<std::mutex> lock(priv->mutex);
            priv->stream->setInputs(priv->inputs, GST_ELEMENT(self));
            priv->lease = std::move(lease);
        }
        GST_INFO_OBJECT(self, "listening at %s", url.c_str());
        glue::startedListening(GST_ELEMENT(self), priv->listening, {port, url},
                               "rtspserversink-ready");
        return true;
    });
}

static void close(GstRtspServerSink* self) {
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        self->priv->stream->setInputs({}, nullptr);
        self->priv->lease.reset();
    }
    glue::stoppedListening(GST_ELEMENT(self), self->priv->listening);
}

static void forgetStreams(GstRtspServerSink* self) {
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    for (const auto& input : self->priv->inputs)
        input->reset();
}

static GstStateChangeReturn gst_rtsp_server_sink_change_state(GstElement* element,
                                                              GstStateChange transition) {
    auto* self = GST_RTSP_SERVER_SINK(element);
    return glue::changeServing(
        gst_rtsp_server_sink_parent_class, element, transition, [=] { return open(self); },
        [=] { forgetStreams(self); }, [=] { close(self); });
}

static GstPad* gst_rtsp_server_sink_request_new_pad(GstElement* element, GstPadTemplate* templ,
                                                    const gchar* requested, const GstCaps*) {
    auto* self = GST_RTSP_SERVER_SINK(element);
    return glue::guard(self, static_cast<GstPad*>(nullptr), [&]() -> GstPad* {
        RtspServerSinkPrivate* priv = self->priv;
        const std::string name = glue::padName(element, templ, requested, priv->padCount);
        auto input = std::make_shared<Input>(GST_BIN(self), templ, name.c_str());
        if (!glue::addInput(element, *input))
            return nullptr;
        const std::lock_guard<std::mutex> lock(priv->mutex);
        priv->inputs.push_back(input);
        priv->stream->setInputs(priv->inputs, element);
        return input->pad();
    });
}

static void gst_rtsp_server_sink_release_pad(GstElement* element, GstPad* pad) {
    RtspServerSinkPrivate* priv = GST_RTSP_SERVER_SINK(element)->priv;
    std::shared_ptr<Input> input;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        input = glue::takeInput(priv->inputs, pad);
        if (!input)
            return;
        priv->stream->setInputs(priv->inputs, element);
    }
    glue::removeInput(element, *input);
}

static void gst_rtsp_server_sink_finalize(GObject* object) {
    delete GST_RTSP_SERVER_SINK(object)->priv;
    G_OBJECT_CLASS(gst_rtsp_server_sink_parent_class)->finalize(object);
}

static void gst_rtsp_server_sink_init(GstRtspServerSink* self) {
    self->priv = new RtspServerSinkPrivate;
    glue::makeEnd(GST_BIN(self), GST_ELEMENT_FLAG_SINK);
}

static void gst_rtsp_server_sink_class_init(GstRtspServerSinkClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_rtsp_server_sink_set_property;
    object->get_property = gst_rtsp_server_sink_get_property;
    object->finalize = gst_rtsp_server_sink_finalize;
    glue::installServing(object, properties(), "Address of the stream, while it is served",
                         "Clients that watch, frames and bytes that came in, and key frames that "
                         "were asked for");
    element->change_state = gst_rtsp_server_sink_change_state;
    element->request_new_pad = gst_rtsp_server_sink_request_new_pad;
    element->release_pad = gst_rtsp_server_sink_release_pad;
    gst_element_class_add_static_pad_template(element, &videoTemplate);
    gst_element_class_add_static_pad_template(element, &audioTemplate);
    gst_element_class_add_static_pad_template(element, &anyTemplate);
    gst_element_class_set_static_metadata(element, "RTSP server sink", "Sink/Network",
                                          "Offers encoded video and audio as rtsp://",
                                          "Video Stream");
}
