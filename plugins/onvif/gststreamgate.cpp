#include "gststreamgate.hpp"

#include <utility>

namespace onvif {

void StreamGate::watch(GstElement* rtspsrc, std::function<void()> received) {
    received_ = std::move(received);
    shut_ = false;
    g_signal_connect(rtspsrc, "new-manager", G_CALLBACK(managerMade), this);
}

void StreamGate::managerMade(GstElement*, GstElement* manager, gpointer self) {
    g_signal_connect(manager, "pad-added", G_CALLBACK(padAdded), self);
    g_signal_connect(manager, "new-jitterbuffer", G_CALLBACK(jitterBufferMade), self);
}

void StreamGate::padAdded(GstElement*, GstPad* pad, gpointer self) {
    if (g_str_has_prefix(GST_PAD_NAME(pad), "recv_rtp_sink_"))
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, in, self, nullptr);
}

void StreamGate::jitterBufferMade(GstElement*, GstElement* buffer, guint, guint, gpointer data) {
    auto* self = static_cast<StreamGate*>(data);
    glue::Ref<GstPad> outlet(gst_element_get_static_pad(buffer, "src"));
    gst_pad_add_probe(outlet.get(),
                      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                                   GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
                      out, self, nullptr);
    const std::lock_guard<std::mutex> lock(self->mutex_);
    self->outlets_.push_back(std::move(outlet));
}

GstPadProbeReturn StreamGate::in(GstPad*, GstPadProbeInfo*, gpointer self) {
    static_cast<StreamGate*>(self)->received_();
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn StreamGate::out(GstPad*, GstPadProbeInfo*, gpointer self) {
    return static_cast<StreamGate*>(self)->shut_ ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

void StreamGate::shut() {
    shut_ = true;
    std::vector<glue::Ref<GstPad>> outlets;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        outlets.swap(outlets_);
    }
    for (const auto& outlet : outlets)
        if (const glue::Ref<GstPad> peer{gst_pad_get_peer(outlet.get())}) {
            GST_PAD_STREAM_LOCK(peer.get()); // held by who pushes through it
            GST_PAD_STREAM_UNLOCK(peer.get());
        }
}

} // namespace onvif
