/**
 * SECTION:element-imagezmqsink
 * @title: imagezmqsink
 *
 * Sends pictures over ZeroMQ as imagezmq's ImageSender does, raw (`send_image`) or as JPEG
 * (`send_jpg`), to Python programs that have an ImageHub, and to `imagezmqsrc`.
 *
 * With mode=pub any number of programs subscribe. One that is slow misses pictures and holds up
 * nobody. With mode=req the pictures go to one hub; when it has answered for a picture the newest
 * one follows. A hub that dies is waited for and found again.
 *
 * BGR is what OpenCV has. RGB is sent as it is, with a word about it that only `imagezmqsrc` reads.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=640,height=480 ! videoconvert ! \
 *     imagezmqsink msg=yard
 * ]| In Python: `hub = imagezmq.ImageHub("tcp://127.0.0.1:5555", REQ_REP=False)`, then
 * `name, image = hub.recv_image()`.
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! videoconvert ! jpegenc ! \
 *     imagezmqsink mode=req endpoint=tcp://127.0.0.1:5555
 * ]| To an `imagezmq.ImageHub()`, which takes them by `recv_jpg()` and `send_reply()`.
 */
#include "glue/detectionmeta.hpp"
#include "glue/guard.hpp"
#include "glue/serving.hpp"
#include "zmq/gsthostcheck.hpp"
#include "zmq/gstpeer.hpp"
#include "zmq/sender.hpp"

#include <gst/base/gstbasesink.h>
#include <gst/video/video.h>

#include <mutex>

GST_DEBUG_CATEGORY_STATIC(imagezmqsink_debug);
#define GST_CAT_DEFAULT imagezmqsink_debug

using imagezmq::Sender;
using imagezmq::SenderSettings;

struct ImagezmqSinkPrivate {
    SenderSettings settings; ///< under the object lock
    GstVideoInfo info;       ///< the streaming thread's
    bool jpeg = false;
    /// Holds `sender` while it is asked from an application's thread.
    std::mutex mutex;
    std::unique_ptr<Sender> sender; ///< between READY and NULL
    std::unique_ptr<imagezmq::HostCheck> hostCheck;
    glue::Listening listening;
};

#define GST_TYPE_IMAGEZMQ_SINK (gst_imagezmq_sink_get_type())
G_DECLARE_FINAL_TYPE(GstImagezmqSink, gst_imagezmq_sink, GST, IMAGEZMQ_SINK, GstBaseSink)

struct _GstImagezmqSink {
    GstBaseSink parent;
    ImagezmqSinkPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstImagezmqSink, gst_imagezmq_sink, GST_TYPE_BASE_SINK,
                        GST_DEBUG_CATEGORY_INIT(imagezmqsink_debug, "imagezmqsink", 0,
                                                "pictures over ZeroMQ"))
GST_ELEMENT_REGISTER_DEFINE(imagezmqsink, "imagezmqsink", GST_RANK_NONE, GST_TYPE_IMAGEZMQ_SINK)

namespace {

GType modeType() {
    static const GEnumValue values[] = {
        {static_cast<int>(imagezmq::SendMode::Publish),
         "PUB: to all who subscribe; who is slow misses pictures", "pub"},
        {static_cast<int>(imagezmq::SendMode::Request),
         "REQ: to one hub, the newest picture each time it has answered", "req"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstImagezmqSinkMode", values);
}

GType objectsType() {
    static const GEnumValue values[] = {
        {static_cast<int>(imagezmq::ObjectsIn::Nowhere), "Pictures alone", "none"},
        {static_cast<int>(imagezmq::ObjectsIn::Field),
         "As the key \"detections\" of the message, which imagezmq's own programs pass over",
         "field"},
        {static_cast<int>(imagezmq::ObjectsIn::Msg),
         "In the text of the picture, which becomes JSON: {\"msg\": …, \"detections\": […]}",
         "msg"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstImagezmqSinkDetections", values);
}

const glue::PropertyTable<SenderSettings>& properties() {
    using S = SenderSettings;
    using std::chrono::milliseconds;
    static const auto table = glue::joined<S>(
        imagezmq::peerProperties<S>(),
        {
            glue::choice("mode", "To whom the pictures go", &S::mode, modeType()),
            glue::text("msg", "Name of the pictures, which programs get with each of them", &S::msg,
                       glue::mutablePlaying),
            glue::choice("detections", "Where the objects that were found in a picture are told",
                         &S::objects, objectsType()),
            glue::number("queue-size",
                         "Pictures that wait for each subscriber, besides half a megabyte in the "
                         "system; what is more than that it misses",
                         &S::queue, 1, 1000),
            glue::duration(
                "timeout",
                "Milliseconds that a hub may take to answer before the picture counts as "
                "lost and it is connected to anew",
                &S::timeout, milliseconds{10}, milliseconds{3600000}),
            glue::duration("linger", "Milliseconds that the end may take, for what is not sent yet",
                           &S::linger, milliseconds{0}, milliseconds{60000}),
        });
    return table;
}

GstStaticPadTemplate sinkTemplate =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(IMAGEZMQ_CAPS));

GstStructure* statsOf(ImagezmqSinkPrivate* priv) {
    Sender::Counters c;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        if (priv->sender)
            c = priv->sender->counters();
    }
    const auto number = [](std::uint64_t value) { return static_cast<guint64>(value); };
    return gst_structure_new(
        "application/x-imagezmqsink-stats", "peers", G_TYPE_UINT, c.peers, "frames", G_TYPE_UINT64,
        number(c.frames), "sent", G_TYPE_UINT64, number(c.sent), "drops", G_TYPE_UINT64,
        number(c.drops), "bytes", G_TYPE_UINT64, number(c.bytes), "replies", G_TYPE_UINT64,
        number(c.replies), "timeouts", G_TYPE_UINT64, number(c.timeouts), nullptr);
}

/// A buffer that stays mapped for as long as somebody reads it, in whichever thread.
struct HeldBuffer {
    explicit HeldBuffer(GstBuffer* borrowed) : buffer(glue::share(borrowed)) {
        if (!gst_buffer_map(buffer.get(), &map, GST_MAP_READ))
            throw base::Error(base::ErrorKind::BadData, "A picture could not be read.");
    }
    ~HeldBuffer() { gst_buffer_unmap(buffer.get(), &map); }
    HeldBuffer(const HeldBuffer&) = delete;
    HeldBuffer& operator=(const HeldBuffer&) = delete;
    glue::Ref<GstBuffer> buffer;
    GstMapInfo map;
};

struct HeldFrame {
    HeldFrame(GstVideoInfo& info, GstBuffer* buffer) {
        if (!gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ))
            throw base::Error(base::ErrorKind::BadData,
                              "A picture is smaller than its caps say; check the source.");
    }
    ~HeldFrame() { gst_video_frame_unmap(&frame); }
    HeldFrame(const HeldFrame&) = delete;
    HeldFrame& operator=(const HeldFrame&) = delete;
    GstVideoFrame frame;
};

imagezmq::Picture jpegOf(GstBuffer* buffer) {
    auto held = std::make_shared<HeldBuffer>(buffer);
    imagezmq::Picture picture;
    picture.data = held->map.data;
    picture.rowBytes = held->map.size;
    picture.owner = std::move(held);
    return picture;
}

imagezmq::Picture rawOf(GstVideoInfo& info, GstBuffer* buffer) {
    auto held = std::make_shared<HeldFrame>(info, buffer);
    const GstVideoFrame& frame = held->frame;
    imagezmq::Picture picture;
    picture.head.pixels = imagezmq::pixelsOf(GST_VIDEO_INFO_FORMAT(&info));
    picture.head.width = GST_VIDEO_FRAME_WIDTH(&frame);
    picture.head.height = GST_VIDEO_FRAME_HEIGHT(&frame);
    picture.data = static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0));
    picture.rowBytes =
        static_cast<std::size_t>(picture.head.width) * imagezmq::bytesPerPixel(picture.head.pixels);
    picture.stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0);
    picture.rows = picture.head.height;
    picture.owner = std::move(held);
    return picture;
}

} // namespace

static void gst_imagezmq_sink_set_property(GObject* object, guint id, const GValue* value,
                                           GParamSpec* spec) {
    ImagezmqSinkPrivate* priv = GST_IMAGEZMQ_SINK(object)->priv;
    if (!glue::setProperty(object, properties(), priv->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    const std::string msg = glue::settingsOf(object, priv->settings).msg;
    const std::lock_guard<std::mutex> lock(priv->mutex);
    if (priv->sender)
        priv->sender->setMsg(msg);
}

static void gst_imagezmq_sink_get_property(GObject* object, guint id, GValue* value,
                                           GParamSpec* spec) {
    ImagezmqSinkPrivate* priv = GST_IMAGEZMQ_SINK(object)->priv;
    glue::getServing(object, properties(), priv->settings, priv->listening, id, value, spec,
                     [&] { return statsOf(priv); });
}

static bool open(GstImagezmqSink* self) {
    return glue::guard(self, false, [&] {
        ImagezmqSinkPrivate* priv = self->priv;
        auto sender = std::make_unique<Sender>(glue::settingsOf(self, priv->settings));
        const std::string url = sender->endpoint();
        priv->hostCheck =
            std::make_unique<imagezmq::HostCheck>(GST_ELEMENT(self), sender->peerHost());
        {
            const std::lock_guard<std::mutex> lock(priv->mutex);
            priv->sender = std::move(sender);
        }
        GST_INFO_OBJECT(self, "sending at %s", url.c_str());
        glue::startedListening(GST_ELEMENT(self), priv->listening, {0, url}, "imagezmqsink-ready");
        return true;
    });
}

static void close(GstImagezmqSink* self) {
    self->priv->hostCheck.reset();
    std::unique_ptr<Sender> gone; // outside of the lock, for it takes its time
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        gone = std::move(self->priv->sender);
    }
    glue::stoppedListening(GST_ELEMENT(self), self->priv->listening);
}

static GstStateChangeReturn gst_imagezmq_sink_change_state(GstElement* element,
                                                           GstStateChange transition) {
    auto* self = GST_IMAGEZMQ_SINK(element);
    return glue::changeServing(
        gst_imagezmq_sink_parent_class, element, transition, [=] { return open(self); }, [] {},
        [=] { close(self); });
}

static gboolean gst_imagezmq_sink_set_caps(GstBaseSink* sink, GstCaps* caps) {
    ImagezmqSinkPrivate* priv = GST_IMAGEZMQ_SINK(sink)->priv;
    priv->jpeg = gst_structure_has_name(gst_caps_get_structure(caps, 0), "image/jpeg");
    return priv->jpeg || gst_video_info_from_caps(&priv->info, caps);
}

static gboolean gst_imagezmq_sink_propose_allocation(GstBaseSink*, GstQuery* query) {
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
    return TRUE;
}

static GstFlowReturn gst_imagezmq_sink_render(GstBaseSink* sink, GstBuffer* buffer) {
    ImagezmqSinkPrivate* priv = GST_IMAGEZMQ_SINK(sink)->priv;
    return glue::guard(sink, GST_FLOW_ERROR, [&] {
        imagezmq::Picture picture = priv->jpeg ? jpegOf(buffer) : rawOf(priv->info, buffer);
        if (auto found = glue::detectionsOf(buffer))
            picture.head.objects = std::move(found->objects);
        priv->sender->show(std::move(picture));
        return GST_FLOW_OK;
    });
}

/// The end is told when the last picture is on its way.
static gboolean gst_imagezmq_sink_event(GstBaseSink* sink, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS)
        GST_IMAGEZMQ_SINK(sink)->priv->sender->flush();
    return GST_BASE_SINK_CLASS(gst_imagezmq_sink_parent_class)->event(sink, event);
}

static void gst_imagezmq_sink_finalize(GObject* object) {
    delete GST_IMAGEZMQ_SINK(object)->priv;
    G_OBJECT_CLASS(gst_imagezmq_sink_parent_class)->finalize(object);
}

static void gst_imagezmq_sink_init(GstImagezmqSink* self) {
    self->priv = new ImagezmqSinkPrivate;
    gst_video_info_init(&self->priv->info);
}

static void gst_imagezmq_sink_class_init(GstImagezmqSinkClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    auto* sink = GST_BASE_SINK_CLASS(klass);
    object->set_property = gst_imagezmq_sink_set_property;
    object->get_property = gst_imagezmq_sink_get_property;
    object->finalize = gst_imagezmq_sink_finalize;
    glue::installServing(object, properties(), imagezmq::urlBlurb,
                         "Peers, pictures shown, sent, and dropped by a peer at least that was too "
                         "slow; answers, and requests that nobody answered");
    element->change_state = gst_imagezmq_sink_change_state;
    sink->set_caps = gst_imagezmq_sink_set_caps;
    sink->propose_allocation = gst_imagezmq_sink_propose_allocation;
    sink->render = gst_imagezmq_sink_render;
    sink->event = gst_imagezmq_sink_event;
    gst_element_class_add_static_pad_template(element, &sinkTemplate);
    gst_element_class_set_static_metadata(
        element, "imagezmq sink", "Sink/Network",
        "Sends pictures over ZeroMQ to programs that use imagezmq, raw or as JPEG", PACKAGE_ORIGIN);
}
