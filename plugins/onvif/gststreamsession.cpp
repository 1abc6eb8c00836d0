#include "gststreamsession.hpp"

#include "base/error.hpp"
#include "gstonvifrtsplogin.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <utility>

namespace onvif {

namespace {

void padAdded(GstElement*, GstPad* pad, gpointer pads) {
    if (GST_PAD_IS_SRC(pad))
        static_cast<StreamPads*>(pads)->add(pad);
}

/// A camera that has been told to play sends its first packet sooner.
constexpr std::chrono::milliseconds longestStart{300};
/// Where rtspsrc 1.22 is stopped while its own thread still frees its streams, it reads them: 100
/// ms, its default, are too short for that thread on a busy machine.
constexpr guint64 longestTeardown = GST_SECOND;
/// Sessions end after 60 s where nothing else is said, and after 10 s at the least.
constexpr std::chrono::milliseconds shortestInterval{1000}, longestInterval{10000};

gboolean selectStream(GstElement*, guint number, GstCaps* caps, gpointer pads) {
    return static_cast<StreamPads*>(pads)->wants(number, caps);
}
void padRemoved(GstElement*, GstPad* pad, gpointer pads) {
    static_cast<StreamPads*>(pads)->remove(pad);
}
void noMorePads(GstElement*, gpointer pads) { static_cast<StreamPads*>(pads)->complete(); }

bool tunnelled(const SourceSettings& settings) {
    return settings.protocols & GST_RTSP_LOWER_TRANS_HTTP;
}

/// rtspsrc knows the tunnel through HTTP by the scheme, and then the port of none.
std::string addressFor(const SourceSettings& settings, const Stream& stream) {
    auto url = *net::Url::parse(stream.uri);
    if (tunnelled(settings) && (url.scheme == "rtsp" || url.scheme == "http")) {
        url.port = url.effectivePort();
        url.scheme = "rtsph";
    }
    return url.text();
}

/// In a tunnel it speaks as over TCP, and wants that to be allowed.
unsigned protocolsFor(const SourceSettings& settings) {
    return tunnelled(settings) ? GST_RTSP_LOWER_TRANS_HTTP | GST_RTSP_LOWER_TRANS_TCP
                               : settings.protocols;
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
                 static_cast<guint>(settings.latency.count()), "protocols", protocolsFor(settings),
                 // Each frame with the camera's own time: frames of its other streams can be found
                 // by it. A recording brings the time of what it shows.
                 "add-reference-timestamp-meta", stream.recording ? FALSE : TRUE, "drop-on-latency",
                 TRUE, "timeout", static_cast<guint64>(timeout.count()), "tcp-timeout",
                 static_cast<guint64>(timeout.count()), "teardown-timeout", longestTeardown,
                 "tls-validation-flags", settings.tlsValidationFlags, nullptr);
    if (!settings.interfaces.empty())
        g_object_set(rtspsrc, "multicast-iface", settings.interfaces.c_str(), nullptr);
    g_signal_connect(rtspsrc, "select-stream", G_CALLBACK(selectStream), &pads_);
    g_signal_connect(rtspsrc, "pad-added", G_CALLBACK(padAdded), &pads_);
    g_signal_connect(rtspsrc, "pad-removed", G_CALLBACK(padRemoved), &pads_);
    g_signal_connect(rtspsrc, "no-more-pads", G_CALLBACK(noMorePads), &pads_);
    g_signal_connect(rtspsrc, "before-send", G_CALLBACK(beforeSend), this);
    host_ = net::Url::parse(stream.uri)->host;
    credentials_ = {settings.userId, settings.userPw};
    closing_ = starting_ = false;
    gate_.watch(rtspsrc, [this] {
        started();
        keepAlive_.received();
    });
    rtspsrc_ = rtspsrc;
    hold(); // until open()
    keepAlive(settings);
    pads_.connect();
    gst_bin_add(owner_, rtspsrc);
    return rtspsrc;
}

void StreamSession::keepAlive(const SourceSettings& settings) {
    mayAsk_ &= !keepAlive_.unanswered();
    const bool datagrams =
        settings.protocols & (GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_UDP_MCAST);
    if (mayAsk_ && !datagrams)
        keepAlive_.start(rtspsrc_,
                         std::clamp(settings.timeout * 2, shortestInterval, longestInterval));
    else
        keepAlive_.stop();
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
    allowLogin(message, self->credentials_.user, self->credentials_.password, self->hooks_.refused);
    if (method == GST_RTSP_PLAY) {
        self->hooks_.playAsked();
        return self->mayPlay();
    }
    if (method == GST_RTSP_GET_PARAMETER)
        StreamKeepAlive::trim(message);
    if (method != GST_RTSP_OPTIONS && method != GST_RTSP_DESCRIBE)
        return TRUE;
    const auto url = net::Url::parse(uri ? uri : "");
    if (!url || url->host == self->host_)
        return TRUE;
    self->hooks_.sentElsewhere(url->authority());
    return FALSE;
}

/// The first packet of all must not come while rtspsrc is stopped (see StreamGate): a PLAY that was
/// not sent yet stays unsent, and what comes after one that was is waited for.
bool StreamSession::mayPlay() {
    const std::lock_guard<std::mutex> lock(mutex_);
    starting_ = !closing_;
    return starting_;
}

void StreamSession::started() {
    if (!starting_)
        return; // as for every packet but the first
    const std::lock_guard<std::mutex> lock(mutex_);
    starting_ = false;
    settled_.notify_all();
}

void StreamSession::settle() {
    std::unique_lock<std::mutex> lock(mutex_);
    closing_ = true;
    settled_.wait_for(lock, longestStart, [this] { return !starting_; });
}

void StreamSession::hold() {
    if (rtspsrc_)
        gst_element_set_locked_state(rtspsrc_, TRUE);
}

void StreamSession::close() {
    if (!rtspsrc_)
        return;
    hold();
    settle();
    g_signal_handlers_disconnect_by_data(rtspsrc_, &pads_);
    gate_.shut();
    pads_.disconnect();
    gst_element_set_state(rtspsrc_, GST_STATE_NULL);
    g_signal_handlers_disconnect_by_data(rtspsrc_, this);
    gst_bin_remove(owner_, std::exchange(rtspsrc_, nullptr));
}

} // namespace onvif
