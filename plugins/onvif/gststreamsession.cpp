#include "gststreamsession.hpp"

#include "base/error.hpp"
#include "net/url.hpp"

#include <utility>

namespace onvif {

namespace {

gboolean selectStream(GstElement*, guint number, GstCaps* caps, gpointer pads) {
    return static_cast<StreamPads*>(pads)->wants(number, caps);
}
void padAdded(GstElement*, GstPad* pad, gpointer pads) {
    if (GST_PAD_IS_SRC(pad))
        static_cast<StreamPads*>(pads)->add(pad);
}
void padRemoved(GstElement*, GstPad* pad, gpointer pads) {
    static_cast<StreamPads*>(pads)->remove(pad);
}
void noMorePads(GstElement*, gpointer pads) { static_cast<StreamPads*>(pads)->complete(); }

/// rtspsrc knows the tunnel through HTTP by the scheme, and then the port of none.
std::string addressFor(const SourceSettings& settings, const Stream& stream) {
    auto url = *net::Url::parse(stream.uri);
    const bool tunnel = settings.protocols & GST_RTSP_LOWER_TRANS_HTTP;
    if (tunnel && (url.scheme == "rtsp" || url.scheme == "http")) {
        url.port = url.effectivePort();
        url.scheme = "rtsph";
    }
    return url.text();
}

} // namespace

GstElement* StreamSession::make(const SourceSettings& settings, const Stream& stream) {
    GstElement* rtspsrc = gst_element_factory_make("rtspsrc", nullptr);
    if (!rtspsrc)
        throw base::Error(base::ErrorKind::NotFound, "The element rtspsrc is missing: install "
                                                     "GStreamer's good plugins.");
    const std::chrono::microseconds timeout = settings.timeout;
    g_object_set(rtspsrc, "location", addressFor(settings, stream).c_str(), "user-id",
                 settings.userId.c_str(), "user-pw", settings.userPw.c_str(), "latency",
                 static_cast<guint>(settings.latency.count()), "protocols", settings.protocols,
                 "drop-on-latency", TRUE, "timeout", static_cast<guint64>(timeout.count()),
                 "tcp-timeout", static_cast<guint64>(timeout.count()), "tls-validation-flags",
                 settings.tlsValidationFlags, nullptr);
    g_signal_connect(rtspsrc, "select-stream", G_CALLBACK(selectStream), &pads_);
    g_signal_connect(rtspsrc, "pad-added", G_CALLBACK(padAdded), &pads_);
    g_signal_connect(rtspsrc, "pad-removed", G_CALLBACK(padRemoved), &pads_);
    g_signal_connect(rtspsrc, "no-more-pads", G_CALLBACK(noMorePads), &pads_);
    g_signal_connect(rtspsrc, "before-send", G_CALLBACK(beforeSend), this);
    host_ = net::Url::parse(stream.uri)->host;
    rtspsrc_ = rtspsrc;
    gst_element_set_locked_state(rtspsrc, TRUE); // until open()
    pads_.connect();
    gst_bin_add(owner_, rtspsrc);
    return rtspsrc;
}

bool StreamSession::open(std::mutex& stateLock) {
    const std::lock_guard<std::mutex> lock(stateLock);
    gst_element_set_locked_state(rtspsrc_, FALSE);
    return gst_element_sync_state_with_parent(rtspsrc_);
}

/// OPTIONS and DESCRIBE carry the address that was connected to: after a redirect it is another.
/// (What comes later may carry an address of the camera's own world, on the same connection.)
gboolean StreamSession::beforeSend(GstElement*, GstRTSPMessage* message, gpointer data) {
    auto* self = static_cast<StreamSession*>(data);
    GstRTSPMethod method = GST_RTSP_INVALID;
    const gchar* uri = nullptr;
    if (gst_rtsp_message_parse_request(message, &method, &uri, nullptr) != GST_RTSP_OK)
        return TRUE;
    if (method == GST_RTSP_PLAY)
        self->hooks_.playAsked();
    if (method != GST_RTSP_OPTIONS && method != GST_RTSP_DESCRIBE)
        return TRUE;
    const auto url = net::Url::parse(uri ? uri : "");
    if (!url || url->host == self->host_)
        return TRUE;
    self->hooks_.sentElsewhere(url->authority());
    return FALSE;
}

void StreamSession::close() {
    GstElement* rtspsrc = std::exchange(rtspsrc_, nullptr);
    if (!rtspsrc)
        return;
    gst_element_set_locked_state(rtspsrc, TRUE);
    g_signal_handlers_disconnect_by_data(rtspsrc, &pads_);
    pads_.disconnect();
    gst_element_set_state(rtspsrc, GST_STATE_NULL);
    g_signal_handlers_disconnect_by_data(rtspsrc, this);
    gst_bin_remove(owner_, rtspsrc);
}

} // namespace onvif
