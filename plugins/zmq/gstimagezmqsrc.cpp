/**
 * SECTION:element-imagezmqsrc
 * @title: imagezmqsrc
 *
 * Takes the pictures that Python programs send with imagezmq's ImageSender over ZeroMQ, raw
 * (`send_image`) or as JPEG (`send_jpg`), and those of `imagezmqsink`.
 *
 * With mode=sub it subscribes to a sender, and gives the newest picture. With mode=rep it is the
 * hub: it takes every picture and answers when it is used, so that the sender goes as fast as the
 * pipeline. Several senders may share a hub; `msg` chooses one by its name.
 *
 * A message that is no picture, or one that the pipeline cannot take, is left out and counted. A
 * sender that dies is waited for and found again; a warning tells of a host that nobody knows. A
 * message without end is cut off over tcp, and everybody with it, who then comes back. Nobody is
 * asked who they are: let the hub listen only where every sender is known.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 imagezmqsrc ! decodebin ! videoconvert ! autovideosink
 * ]| shows what `imagezmq.ImageSender("tcp://127.0.0.1:5555", REQ_REP=False)` sends.
 * |[
 * gst-launch-1.0 imagezmqsrc mode=rep ! decodebin ! videoconvert ! autovideosink
 * ]| is an `imagezmq.ImageHub()` for the programs of this computer.
 */
#include "glue/detectionmeta.hpp"
#include "glue/guard.hpp"
#include "glue/serving.hpp"
#include "zmq/gsthostcheck.hpp"
#include "zmq/gstpeer.hpp"
#include "zmq/receiver.hpp"

#include <gst/base/gstpushsrc.h>
#include <gst/video/video.h>

#include <cstring>
#include <mutex>

GST_DEBUG_CATEGORY_STATIC(imagezmqsrc_debug);
#define GST_CAT_DEFAULT imagezmqsrc_debug

using imagezmq::Pixels;
using imagezmq::Receiver;
using imagezmq::ReceiverSettings;

struct ImagezmqSrcPrivate {
    ReceiverSettings settings; ///< under the object lock
    /// The streaming thread's: what is negotiated, or was refused.
    imagezmq::Head format;
    GstVideoInfo info;
    bool accepted = false;
    /// Holds the next two while they are asked from an application's thread.
    std::mutex mutex;
    std::unique_ptr<Receiver> receiver; ///< between PAUSED and READY
    std::unique_ptr<imagezmq::HostCheck> hostCheck;
    guint64 refused = 0;
    glue::Listening listening;
};

#define GST_TYPE_IMAGEZMQ_SRC (gst_imagezmq_src_get_type())
G_DECLARE_FINAL_TYPE(GstImagezmqSrc, gst_imagezmq_src, GST, IMAGEZMQ_SRC, GstPushSrc)

struct _GstImagezmqSrc {
    GstPushSrc parent;
    ImagezmqSrcPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstImagezmqSrc, gst_imagezmq_src, GST_TYPE_PUSH_SRC,
                        GST_DEBUG_CATEGORY_INIT(imagezmqsrc_debug, "imagezmqsrc", 0,
                                                "pictures over ZeroMQ"))
GST_ELEMENT_REGISTER_DEFINE(imagezmqsrc, "imagezmqsrc", GST_RANK_NONE, GST_TYPE_IMAGEZMQ_SRC)

namespace {

GType modeType() {
    static const GEnumValue values[] = {
        {static_cast<int>(imagezmq::ReceiveMode::Subscribe),
         "SUB: the newest picture of a sender that publishes", "sub"},
        {static_cast<int>(imagezmq::ReceiveMode::Reply),
         "REP: a hub that takes every picture, and answers when it is used", "rep"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstImagezmqSrcMode", values);
}

GType coloursType() {
    static const GEnumValue values[] = {
        {static_cast<int>(Pixels::Bgr), "Blue, green, red, as OpenCV has them", "bgr"},
        {static_cast<int>(Pixels::Rgb), "Red, green, blue", "rgb"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstImagezmqSrcChannels", values);
}

const glue::PropertyTable<ReceiverSettings>& properties() {
    using S = ReceiverSettings;
    static const auto table = glue::joined<S>(
        imagezmq::peerProperties<S>(),
        {
            glue::choice("mode", "How pictures are taken", &S::mode, modeType()),
            glue::text("msg", "Take only pictures of this name; without one, all", &S::msg),
            glue::choice(
                "channels",
                "The order of a raw picture's three channels, where its sender does not tell",
                &S::colours, coloursType()),
            glue::number("max-size",
                         "Bytes that a picture may have, raw or of a JPEG once it is decoded",
                         &S::largest, 1000, 4000000000),
        });
    return table;
}

GstStaticPadTemplate srcTemplate =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(IMAGEZMQ_CAPS));

GstStructure* statsOf(ImagezmqSrcPrivate* priv) {
    Receiver::Counters c;
    guint64 refused = 0;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        refused = priv->refused;
        if (priv->receiver)
            c = priv->receiver->counters();
    }
    const auto number = [](std::uint64_t value) { return static_cast<guint64>(value); };
    return gst_structure_new("application/x-imagezmqsrc-stats", "peers", G_TYPE_UINT, c.peers,
                             "received", G_TYPE_UINT64, number(c.received), "damaged",
                             G_TYPE_UINT64, number(c.damaged), "refused", G_TYPE_UINT64, refused,
                             "ignored", G_TYPE_UINT64, number(c.ignored), "drops", G_TYPE_UINT64,
                             number(c.drops), "bytes", G_TYPE_UINT64, number(c.bytes), "msg",
                             G_TYPE_STRING, c.msg.c_str(), nullptr);
}

glue::Ref<GstCaps> capsOf(const imagezmq::Head& head, GstVideoInfo& info) {
    if (head.pixels == Pixels::Jpeg)
        return glue::Ref<GstCaps>(
            gst_caps_new_simple("image/jpeg", "width", G_TYPE_INT, head.width, "height", G_TYPE_INT,
                                head.height, "framerate", GST_TYPE_FRACTION, 0, 1, nullptr));
    gst_video_info_set_format(&info, imagezmq::formatOf(head.pixels),
                              static_cast<guint>(head.width), static_cast<guint>(head.height));
    return glue::Ref<GstCaps>(gst_video_info_to_caps(&info));
}

glue::Ref<GstBuffer> lend(const imagezmq::Message& message) {
    const auto forget = [](gpointer owner) {
        delete static_cast<std::shared_ptr<const void>*>(owner);
    };
    return glue::Ref<GstBuffer>(gst_buffer_new_wrapped_full(
        GST_MEMORY_FLAG_READONLY, const_cast<char*>(message.data.data()), message.data.size(), 0,
        message.data.size(), new std::shared_ptr<const void>(message.owner), forget));
}

/// With the gaps between rows that GStreamer has where their size is no multiple of four.
glue::Ref<GstBuffer> spread(const GstVideoInfo& info, std::string_view data) {
    glue::Ref<GstBuffer> buffer(gst_buffer_new_allocate(nullptr, info.size, nullptr));
    GstMapInfo map;
    if (!buffer || !gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE))
        throw base::Error(base::ErrorKind::Failed,
                          "There is no memory for a picture; lower max-size.");
    const auto height = static_cast<std::size_t>(info.height);
    const std::size_t row = data.size() / height;
    for (std::size_t y = 0; y < height; y++)
        std::memcpy(map.data + y * static_cast<std::size_t>(info.stride[0]), data.data() + y * row,
                    row);
    gst_buffer_unmap(buffer.get(), &map);
    return buffer;
}

bool sameFormat(const imagezmq::Head& a, const imagezmq::Head& b) {
    return a.pixels == b.pixels && a.width == b.width && a.height == b.height;
}

} // namespace

static void gst_imagezmq_src_set_property(GObject* object, guint id, const GValue* value,
                                          GParamSpec* spec) {
    glue::setServing(object, properties(), GST_IMAGEZMQ_SRC(object)->priv->settings, id, value,
                     spec);
}

static void gst_imagezmq_src_get_property(GObject* object, guint id, GValue* value,
                                          GParamSpec* spec) {
    ImagezmqSrcPrivate* priv = GST_IMAGEZMQ_SRC(object)->priv;
    glue::getServing(object, properties(), priv->settings, priv->listening, id, value, spec,
                     [&] { return statsOf(priv); });
}

static gboolean gst_imagezmq_src_start(GstBaseSrc* base) {
    GstImagezmqSrc* self = GST_IMAGEZMQ_SRC(base);
    ImagezmqSrcPrivate* priv = self->priv;
    return glue::guard(self, FALSE, [&] {
        const auto complain = [self](const std::string& why) {
            GST_ELEMENT_WARNING(self, STREAM, DECODE, ("%s", why.c_str()),
                                ("stats counts the others"));
        };
        auto receiver =
            std::make_unique<Receiver>(glue::settingsOf(self, priv->settings), complain);
        const std::string url = receiver->endpoint();
        priv->hostCheck =
            std::make_unique<imagezmq::HostCheck>(GST_ELEMENT(self), receiver->peerHost());
        {
            const std::lock_guard<std::mutex> lock(priv->mutex);
            priv->receiver = std::move(receiver);
            priv->refused = 0;
        }
        priv->format = {};
        priv->accepted = false;
        GST_INFO_OBJECT(self, "receiving at %s", url.c_str());
        glue::startedListening(GST_ELEMENT(self), priv->listening, {0, url}, "imagezmqsrc-ready");
        return TRUE;
    });
}

static gboolean gst_imagezmq_src_stop(GstBaseSrc* base) {
    ImagezmqSrcPrivate* priv = GST_IMAGEZMQ_SRC(base)->priv;
    priv->hostCheck.reset();
    std::unique_ptr<Receiver> gone; // outside of the lock, for it takes its time
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        gone = std::move(priv->receiver);
    }
    glue::stoppedListening(GST_ELEMENT(base), priv->listening);
    return TRUE;
}

static gboolean gst_imagezmq_src_unlock(GstBaseSrc* base) {
    GST_IMAGEZMQ_SRC(base)->priv->receiver->interrupt(true);
    return TRUE;
}

static gboolean gst_imagezmq_src_unlock_stop(GstBaseSrc* base) {
    GST_IMAGEZMQ_SRC(base)->priv->receiver->interrupt(false);
    return TRUE;
}

/// The first picture decides.
static gboolean gst_imagezmq_src_negotiate(GstBaseSrc*) { return TRUE; }

/// Whether the pipeline takes pictures like this one. A stranger's does not end it.
static bool accepts(GstImagezmqSrc* self, const imagezmq::Head& head) {
    ImagezmqSrcPrivate* priv = self->priv;
    if (priv->format.width && sameFormat(priv->format, head))
        return priv->accepted;
    GstBaseSrc* base = GST_BASE_SRC(self);
    const glue::Ref<GstCaps> caps = capsOf(head, priv->info);
    const glue::Ref<GstCaps> taken(gst_pad_peer_query_caps(GST_BASE_SRC_PAD(base), caps.get()));
    priv->accepted = !gst_caps_is_empty(taken.get()) && gst_base_src_set_caps(base, caps.get());
    priv->format = {{}, head.pixels, head.width, head.height};
    if (!priv->accepted) {
        const glue::Ref<char> text(gst_caps_to_string(caps.get()));
        GST_WARNING_OBJECT(self, "what follows does not take %s", text.get());
    }
    return priv->accepted;
}

static glue::Ref<GstBuffer> bufferOf(GstImagezmqSrc* self, const imagezmq::Arrival& arrival) {
    const GstVideoInfo& info = self->priv->info;
    const std::string_view data = arrival.message.data;
    const bool raw = arrival.head.pixels != Pixels::Jpeg;
    const bool aligned = reinterpret_cast<std::uintptr_t>(data.data()) % 4 == 0;
    const bool lendable = !raw || (aligned && info.size == data.size());
    glue::Ref<GstBuffer> buffer = lendable ? lend(arrival.message) : spread(info, data);
    if (arrival.head.objects) {
        const glue::Ref<char> name(gst_object_get_name(GST_OBJECT(self)));
        glue::attachDetections(buffer.get(), {*arrival.head.objects, {}, name.get()},
                               arrival.head.width, arrival.head.height);
    }
    return buffer;
}

static GstFlowReturn gst_imagezmq_src_create(GstPushSrc* src, GstBuffer** buffer) {
    GstImagezmqSrc* self = GST_IMAGEZMQ_SRC(src);
    ImagezmqSrcPrivate* priv = self->priv;
    return glue::guard(self, GST_FLOW_ERROR, [&] {
        for (;;) {
            const auto arrival = priv->receiver->take();
            if (!arrival)
                return GST_FLOW_FLUSHING;
            if (accepts(self, arrival->head)) {
                *buffer = bufferOf(self, *arrival).release();
                return GST_FLOW_OK;
            }
            const std::lock_guard<std::mutex> lock(priv->mutex);
            priv->refused++;
        }
    });
}

static void gst_imagezmq_src_finalize(GObject* object) {
    delete GST_IMAGEZMQ_SRC(object)->priv;
    G_OBJECT_CLASS(gst_imagezmq_src_parent_class)->finalize(object);
}

static void gst_imagezmq_src_init(GstImagezmqSrc* self) {
    self->priv = new ImagezmqSrcPrivate;
    gst_video_info_init(&self->priv->info);
    gst_base_src_set_live(GST_BASE_SRC(self), TRUE);
    gst_base_src_set_format(GST_BASE_SRC(self), GST_FORMAT_TIME);
    gst_base_src_set_do_timestamp(GST_BASE_SRC(self), TRUE);
}

static void gst_imagezmq_src_class_init(GstImagezmqSrcClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    auto* base = GST_BASE_SRC_CLASS(klass);
    object->set_property = gst_imagezmq_src_set_property;
    object->get_property = gst_imagezmq_src_get_property;
    object->finalize = gst_imagezmq_src_finalize;
    glue::installServing(object, properties(), imagezmq::urlBlurb,
                         "Peers, messages, those that were no pictures, that the pipeline did not "
                         "take, of another name, or overtaken; the newest picture's name");
    base->start = gst_imagezmq_src_start;
    base->stop = gst_imagezmq_src_stop;
    base->unlock = gst_imagezmq_src_unlock;
    base->unlock_stop = gst_imagezmq_src_unlock_stop;
    base->negotiate = gst_imagezmq_src_negotiate;
    GST_PUSH_SRC_CLASS(klass)->create = gst_imagezmq_src_create;
    gst_element_class_add_static_pad_template(element, &srcTemplate);
    gst_element_class_set_static_metadata(
        element, "imagezmq source", "Source/Network",
        "Takes pictures over ZeroMQ from programs that use imagezmq, raw or as JPEG",
        PACKAGE_ORIGIN);
}
