#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>

namespace support {

/// Whether a webrtcbin has ever agreed on keys with its peer. Its own "connection-state" may skip
/// that where the peer ends the connection in the next moment.
class Handshake {
public:
    void watch(GstElement* webrtc) {
        g_signal_connect_data(webrtc, "deep-element-added", G_CALLBACK(onElement), share(done_),
                              release, static_cast<GConnectFlags>(0));
    }
    bool isDone() const { return *done_; }

private:
    using Flag = std::shared_ptr<std::atomic<bool>>;

    static gpointer share(const Flag& flag) { return new Flag(flag); }
    static void release(gpointer flag, GClosure*) { delete static_cast<Flag*>(flag); }

    static void onElement(GstBin*, GstBin*, GstElement* element, gpointer flag) {
        const GstElementFactory* factory = gst_element_get_factory(element);
        if (factory && g_strcmp0(GST_OBJECT_NAME(factory), "dtlsdec") == 0)
            g_signal_connect_data(element, "notify::connection-state", G_CALLBACK(onState),
                                  share(*static_cast<Flag*>(flag)), release,
                                  static_cast<GConnectFlags>(0));
    }

    static void onState(GObject* decoder, GParamSpec* spec, gpointer flag) {
        gint state = 0;
        g_object_get(decoder, spec->name, &state, nullptr);
        auto* known = static_cast<GEnumClass*>(g_type_class_ref(spec->value_type));
        const GEnumValue* value = g_enum_get_value(known, state);
        if (value && g_strcmp0(value->value_nick, "connected") == 0)
            **static_cast<Flag*>(flag) = true;
        g_type_class_unref(known);
    }

    Flag done_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace support
