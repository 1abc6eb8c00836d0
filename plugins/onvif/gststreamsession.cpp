#include "gststreamsession.hpp"

#include "base/error.hpp"
#include "net/url.hpp"

#include <gst/rtsp/rtsp.h>

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
    rtspsrc_ = rtspsrc;
    gst_bin_add(owner_, rtspsrc);
    return rtspsrc;
}

bool StreamSession::open() { return gst_element_sync_state_with_parent(rtspsrc_); }

void StreamSession::close() {
    GstElement* rtspsrc = std::exchange(rtspsrc_, nullptr);
    if (!rtspsrc)
        return;
    gst_element_set_locked_state(rtspsrc, TRUE);
    gst_element_set_state(rtspsrc, GST_STATE_NULL);
    g_signal_handlers_disconnect_by_data(rtspsrc, &pads_);
    gst_bin_remove(owner_, rtspsrc);
}

} // namespace onvif
