#include "gststreamkeepalive.hpp"

#include "glue/ref.hpp"

namespace onvif {

namespace {

using Count = std::shared_ptr<std::atomic<int>>;

void answered(GstPromise*, gpointer count) { --**static_cast<Count*>(count); }
void forget(gpointer count) { delete static_cast<Count*>(count); }

} // namespace

void StreamKeepAlive::start(GstElement* rtspsrc, std::chrono::milliseconds interval) {
    rtspsrc_ = rtspsrc;
    interval_ = interval;
    last_ = std::chrono::steady_clock::now();
    *open_ = 0;
}

void StreamKeepAlive::stop() { rtspsrc_ = nullptr; }

void StreamKeepAlive::received() {
    const auto now = std::chrono::steady_clock::now();
    if (!rtspsrc_ || now - last_ < interval_)
        return;
    last_ = now;
    ask();
}

void StreamKeepAlive::ask() {
    const glue::Ref<GstPromise> promise(
        gst_promise_new_with_change_func(answered, new Count(open_), forget));
    const gchar* nothing[] = {nullptr};
    gboolean taken = FALSE;
    ++*open_;
    g_signal_emit_by_name(rtspsrc_, "get-parameters", nothing, nullptr, promise.get(), &taken);
    if (!taken)
        --*open_;
}

void StreamKeepAlive::trim(GstRTSPMessage* message) {
    guint8* body = nullptr;
    guint size = 0;
    gst_rtsp_message_get_body(message, &body, &size);
    if (size == 0)
        gst_rtsp_message_remove_header(message, GST_RTSP_HDR_CONTENT_TYPE, -1);
}

} // namespace onvif
