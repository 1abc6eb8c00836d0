#include "web/gstdatachannel.hpp"

#include "glue/ref.hpp"

namespace web {
namespace {

/// Bytes that may wait in SCTP: some 30 frames with a few objects each.
constexpr guint64 roomBytes = 16 * 1024;

void onChange(GstWebRTCDataChannel*, gpointer data) {
    (*static_cast<std::function<void()>*>(data))();
}

void onState(GstWebRTCDataChannel* channel, GParamSpec*, gpointer data) { onChange(channel, data); }

using Take = std::function<void(std::shared_ptr<GstWebRTCDataChannel>)>;

void onChannel(GstElement*, GstWebRTCDataChannel* channel, gpointer data) {
    (*static_cast<Take*>(data))({GST_WEBRTC_DATA_CHANNEL(g_object_ref(channel)), g_object_unref});
}

void destroyTake(gpointer data, GClosure*) { delete static_cast<Take*>(data); }

void destroy(gpointer data, GClosure*) { delete static_cast<std::function<void()>*>(data); }

} // namespace

gulong watchDataChannels(GstElement* webrtc, Take take) {
    return g_signal_connect_data(webrtc, "on-data-channel", G_CALLBACK(onChannel),
                                 new Take(std::move(take)), destroyTake, GConnectFlags(0));
}

std::string DataChannel::labelOf(GstWebRTCDataChannel* channel) {
    char* label = nullptr;
    g_object_get(channel, "label", &label, nullptr);
    const glue::Ref<char> owned(label);
    return label ? label : "";
}

DataChannel::DataChannel(std::shared_ptr<GstWebRTCDataChannel> channel,
                         const std::function<void()>& changed)
    : channel_(std::move(channel)) {
    g_object_set(channel_.get(), "buffered-amount-low-threshold", roomBytes / 2, nullptr);
    const auto watch = [&](const char* signal, GCallback callback) {
        g_signal_connect_data(channel_.get(), signal, callback, new std::function<void()>(changed),
                              destroy, GConnectFlags(0));
    };
    watch("on-buffered-amount-low", G_CALLBACK(onChange));
    watch("notify::ready-state", G_CALLBACK(onState));
}

DataChannel::~DataChannel() {
    for (const auto callback : {G_CALLBACK(onChange), G_CALLBACK(onState)})
        g_signal_handlers_disconnect_matched(channel_.get(), G_SIGNAL_MATCH_FUNC, 0, 0, nullptr,
                                             reinterpret_cast<gpointer>(callback), nullptr);
}

bool DataChannel::hasRoom() const {
    GstWebRTCDataChannelState state;
    guint64 buffered = 0;
    g_object_get(channel_.get(), "ready-state", &state, "buffered-amount", &buffered, nullptr);
    // Sending into one that is closing leaks in GStreamer 1.22.
    return state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN && buffered < roomBytes;
}

void DataChannel::send(Text text) {
    drops_ += waiting_ != nullptr;
    waiting_ = std::move(text);
    resume();
}

void DataChannel::resume() {
    if (!waiting_ || !hasRoom())
        return;
    g_signal_emit_by_name(channel_.get(), "send-string", waiting_->c_str());
    messages_++;
    waiting_.reset();
}

} // namespace web
