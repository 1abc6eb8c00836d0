#pragma once

#include "support/whepstage.hpp"
#include "support/whipclient.hpp"

#include <atomic>

namespace support {

/// A publisher of that format, with sound or without.
inline WhipClient::Options sends(const char* encoding, bool audio = false) {
    WhipClient::Options options;
    options.encoding = encoding;
    options.audio = audio;
    return options;
}

/// A pipeline with a "whiplistensrc name=w" in it, and what comes out of its sinks "video" and
/// "audio".
class Studio : public Stage {
public:
    explicit Studio(const std::string& description) : Stage(description) {
        watch("video", G_CALLBACK(onFrame));
        watch("audio", G_CALLBACK(onSound));
    }
    Studio() : Studio(decoding()) {}

    /// Decodes all that comes.
    static std::string decoding(const std::string& settings = "") {
        return "whiplistensrc name=w port=0 " + settings +
               " w.video_0 ! decodebin ! fakesink name=video sync=false signal-handoffs=true "
               "w.audio_0 ! opusdec ! fakesink name=audio sync=false signal-handoffs=true "
               "async=false";
    }

    std::string whip() const { return page() + "whip"; }
    void open() {
        play();
        fail_unless(wait(120s, [this] { return !page().empty(); }), "%s", error().c_str());
        GstState state = GST_STATE_NULL;
        gst_element_get_state(sink(), &state, nullptr, 20 * GST_SECOND);
        fail_unless_equals_int(state, GST_STATE_PLAYING);
    }
    bool sees(int frames, std::chrono::seconds limit = 120s) {
        const int wanted = frames_ + frames;
        return wait(limit, [&] { return frames_ >= wanted; });
    }
    bool hears(int buffers) {
        const int wanted = sounds_ + buffers;
        return wait(120s, [&] { return sounds_ >= wanted; });
    }
    bool isLive() const {
        GstStructure* stats = nullptr;
        g_object_get(sink(), "stats", &stats, nullptr);
        const Ref<GstStructure> owned(stats);
        gboolean live = FALSE;
        gst_structure_get_boolean(stats, "live", &live);
        return live;
    }
    /// What is known where no picture comes.
    std::string plight(const WhipClient& client) const {
        GstStructure* stats = nullptr;
        g_object_get(sink(), "stats", &stats, nullptr);
        const Ref<GstStructure> owned(stats);
        return error() + "; " + Ref<char>(gst_structure_to_string(stats)).get() + "; " +
               std::to_string(frames_) + " frames were shown, " +
               std::to_string(client.keyRequests()) + " key frames asked for";
    }
    int width() const { return width_; }
    int backwards() const { return backwards_; }
    GstClockTime last() const { return last_; }

private:
    void watch(const char* name, GCallback handler) {
        if (const Ref<GstElement> sink{gst_bin_get_by_name(GST_BIN(pipeline()), name)})
            g_signal_connect(sink.get(), "handoff", handler, this);
    }
    static void onFrame(GstElement*, GstBuffer* buffer, GstPad* pad, gpointer data) {
        auto* self = static_cast<Studio*>(data);
        const Ref<GstCaps> caps(gst_pad_get_current_caps(pad));
        int width = 0;
        if (caps && gst_structure_get_int(gst_caps_get_structure(caps.get(), 0), "width", &width))
            self->width_ = width;
        const GstClockTime time = GST_BUFFER_PTS(buffer);
        if (self->last_ != GST_CLOCK_TIME_NONE && time <= self->last_)
            self->backwards_++;
        self->last_ = time;
        self->frames_++;
    }
    static void onSound(GstElement*, GstBuffer*, GstPad*, gpointer data) {
        static_cast<Studio*>(data)->sounds_++;
    }
    std::atomic<int> frames_{0}, sounds_{0}, width_{0}, backwards_{0};
    std::atomic<GstClockTime> last_{GST_CLOCK_TIME_NONE};
};

} // namespace support
