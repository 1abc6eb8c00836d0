#pragma once

#include "support/possessions.hpp"
#include "support/whepclient.hpp"

#include <string>
#include <thread>

// Last: it has a macro with the name of a member of every C++ stream.
#include <gst/check/gstcheck.h>

namespace support {

using glue::Ref;
using namespace std::chrono_literals;

inline const std::string picture =
    "videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! ";
inline const std::string vp9 =
    "vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=300000 keyframe-max-dist=3000 ! ";
inline const std::string vp8 =
    "vp8enc deadline=1 cpu-used=16 target-bitrate=300000 keyframe-max-dist=3000 ! ";
inline const std::string h264 =
    "x264enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=1000 ! ";

/// A pipeline with a "whepsink name=w" in it.
class Stage {
public:
    explicit Stage(const std::string& description) {
        GError* error = nullptr;
        pipeline_.reset(gst_parse_launch(description.c_str(), &error));
        fail_unless(error == nullptr, "%s", error ? error->message : "");
        gst_object_ref_sink(pipeline_.get());
        sink_.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "w"));
    }
    ~Stage() { stop(); }

    void play() { set(GST_STATE_PLAYING); }
    void stop() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    GstStateChangeReturn set(GstState state) {
        return gst_element_set_state(pipeline_.get(), state);
    }

    /// Plays and waits until a client would be let in, and that codec has come as well.
    void playAndWait(const std::string& codec = "") {
        play();
        const bool live = wait(120s, [&] {
            const std::string status = WhepClient::ask("GET", page() + "status").body;
            return status.find("true") != std::string::npos &&
                   status.find(codec) != std::string::npos;
        });
        fail_unless(live, "nothing to see: %s", error().c_str());
    }

    std::string page() const {
        char* url = nullptr;
        g_object_get(sink_.get(), "url", &url, nullptr);
        const Ref<char> owned(url);
        return url ? url : "";
    }
    std::string endpoint() const { return page() + "whep"; }

    guint64 stat(const char* name) const {
        GstStructure* stats = nullptr;
        g_object_get(sink_.get(), "stats", &stats, nullptr);
        const Ref<GstStructure> owned(stats);
        guint64 value = 0;
        guint small = 0;
        if (gst_structure_get_uint(stats, name, &small))
            return small;
        fail_unless(gst_structure_get_uint64(stats, name, &value), "no %s in stats", name);
        return value;
    }

    Ref<GstMessage> message(GstMessageType type, std::chrono::seconds limit) const {
        const Ref<GstBus> bus(gst_element_get_bus(pipeline_.get()));
        return Ref<GstMessage>(
            gst_bus_timed_pop_filtered(bus.get(), std::chrono::nanoseconds(limit).count(), type));
    }

    /// The text of the next error on the bus, or "".
    std::string error(std::chrono::seconds limit = 0s) const {
        const auto message = this->message(GST_MESSAGE_ERROR, limit);
        if (!message)
            return "";
        GError* error = nullptr;
        gst_message_parse_error(message.get(), &error, nullptr);
        const Ref<GError> owned(error);
        return error->message;
    }

    template <class Condition>
    static bool wait(std::chrono::milliseconds limit, Condition condition) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end)
                return false;
            std::this_thread::sleep_for(20ms);
        }
        return true;
    }

    GstElement* sink() const { return sink_.get(); }
    GstElement* pipeline() const { return pipeline_.get(); }

private:
    Ref<GstElement> pipeline_, sink_;
};

inline WhepClient::Options video(const char* encoding) {
    WhepClient::Options options;
    options.encoding = encoding;
    return options;
}

} // namespace support
